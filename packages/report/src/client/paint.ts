import type { SceneImage } from './cell-view.js';
import type { PointsData } from './data.js';
import { detailIn, type DetailInView } from './detail.js';
import { strokeMarks, type Marks } from './marks.js';
import { isShown, type Layer } from './layers.js';
import type { GridPart } from './rle.js';
import type { Settings } from './settings.js';
import { outlineOf } from './sharp-outline.js';
import type { Placement } from './viewport.js';

/** What masks are painted on: the page's canvas, or one beside it. */
type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Masks painted before. */
export interface PaintedMasks {
  /** One picture of all of them, then its halves. */
  readonly forms: readonly CanvasImageSource[];
  /** Pixels of the first per picture pixel. */
  readonly scale: number;
}

/** Everything one cell's picture depends on. */
export interface CellPicture {
  readonly image: SceneImage;
  /** Picture pixels per image pixel. */
  readonly shrink: number;
  readonly layers: readonly Layer[];
  /** The ground truth's layers, drawn as a dashed outline when asked for. */
  readonly truth: readonly Layer[];
  /** Those of the layers to be painted: in view, and not switched off. */
  readonly shown: readonly Layer[];
  /** The part of the picture that is in view, in its pixels. */
  readonly part: GridPart;
  /** The segment under the pointer or focus. */
  readonly hovered: Layer | undefined;
  /** Where the pointer is, as fractions of the image, to show the same place in every cell. */
  readonly cursor: readonly [number, number] | undefined;
  readonly masks: boolean;
  /** What a person points at. */
  readonly marks: Marks;
}

/**
 * Paints one cell: picture, map, masks, outlines, truth, points, cursor.
 * @param sheet - the masks painted before, for a picture that moves; they are painted one by one when absent
 */
export function paintCell(
  context: CanvasRenderingContext2D,
  at: Placement,
  ratio: number,
  picture: CellPicture,
  settings: Settings,
  sheet?: PaintedMasks,
): void {
  const { image, hovered, shown, part } = picture;
  const outline = (layer: Layer): Path2D => outlineOf(layer, part);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  const scale = at.scale * ratio;
  context.setTransform(scale, 0, 0, scale, at.left * ratio, at.top * ratio);
  // Tiles are painted from their own size on: made smaller, each frame would shrink all of them anew.
  const detail = scale * picture.shrink >= 1 ? detailIn(image, picture.shrink, part) : undefined;
  paintImage(context, picture, scale, detail);
  if (settings.dim && sheet === undefined && picture.masks && shown.length > 0)
    dimRest(context, picture, scale, detail);
  if (settings.maps) paintMap(context, picture);
  if (picture.masks) {
    const masks = sheet && sharpest(sheet.forms, scale / sheet.scale);
    if (masks !== undefined) context.drawImage(masks, 0, 0, image.width, image.height);
    if (sheet !== undefined && hovered !== undefined)
      paintMask(context, hovered, outline(hovered), true, ratio / scale, settings);
    if (sheet === undefined) paintMasks(context, shown, hovered, ratio / scale, settings, outline);
    if (settings.points)
      for (const layer of shown)
        if (layer.points) paintPoints(context, layer.points, picture.shrink, ratio / scale);
  }
  if (settings.truth)
    for (const layer of picture.truth) strokeTwice(context, outline(layer), '#fff', ratio / scale, [4, 3]);
  strokeMarks(context, picture.marks, picture.shrink, ratio / scale);
  paintPoints(context, picture.marks.points, picture.shrink, ratio / scale);
  if (picture.cursor !== undefined) paintCursor(context, picture.cursor, image, ratio / scale);
}

/**
 * All masks that are shown, one over the other.
 * @param unit - the length of one CSS pixel in the context's units
 * @param outline - the path of a mask; that of the whole mask when absent
 */
export function paintMasks(
  context: Context,
  layers: readonly Layer[],
  hovered: Layer | undefined,
  unit: number,
  settings: Settings,
  outline: (layer: Layer) => Path2D = ({ path }) => path,
): void {
  for (const layer of layers)
    if (isShown(layer)) paintMask(context, layer, outline(layer), layer === hovered, unit, settings);
}

/**
 * The smallest of a picture's halves that is still sharp: a browser that shrinks a picture by more than half makes all of them
 * anew, every frame.
 * @param scale - pixels to be painted per pixel of the first
 */
function sharpest(forms: readonly CanvasImageSource[], scale: number): CanvasImageSource | undefined {
  const steps = scale >= 1 ? 0 : Math.floor(-Math.log2(scale));
  return forms[Math.min(forms.length - 1, steps)];
}

/** The picture as sharp as it is there; what tiles of its own pixels cover is not painted twice. */
function paintImage(
  context: CanvasRenderingContext2D,
  { image, shrink }: Pick<CellPicture, 'image' | 'shrink'>,
  scale: number,
  detail: DetailInView | undefined,
): void {
  context.imageSmoothingEnabled = scale < 2;
  const forms = [image.source, ...(image.halves ?? [])];
  if (detail?.whole !== true)
    context.drawImage(sharpest(forms, scale) ?? image.source, 0, 0, image.width, image.height);
  context.imageSmoothingEnabled = scale * shrink < 2;
  for (const { tile, x, y, width, height } of detail?.tiles ?? [])
    context.drawImage(tile, x, y, width, height);
}

/** Darkens everything outside the masks: shows them whatever their colour and the picture's. */
function dimRest(
  context: CanvasRenderingContext2D,
  picture: CellPicture,
  scale: number,
  detail: DetailInView | undefined,
): void {
  const { image, shown, part } = picture;
  context.fillStyle = 'rgb(0 0 0 / 0.7)';
  context.fillRect(0, 0, image.width, image.height);
  for (const layer of shown) {
    context.save();
    context.clip(outlineOf(layer, part), 'evenodd');
    paintImage(context, picture, scale, detail);
    context.restore();
  }
}

/** `unit` is the length of one CSS pixel in the context's units. */
function paintMask(
  context: Context,
  layer: Layer,
  path: Path2D,
  hovered: boolean,
  unit: number,
  settings: Settings,
): void {
  context.globalAlpha = hovered ? Math.min(1, settings.opacity + 0.2) : settings.opacity;
  context.fillStyle = layer.colour;
  context.fill(path, 'evenodd');
  context.globalAlpha = 1;
  if (hovered) strokeTwice(context, path, '#fff', unit * 1.6, []);
  else if (settings.outlines) strokeTwice(context, path, layer.colour, unit, []);
}

/** A light line on a dark one stays visible on any picture. */
function strokeTwice(
  context: Context,
  path: Path2D,
  colour: string,
  unit: number,
  dash: readonly number[],
): void {
  context.lineJoin = 'round';
  context.strokeStyle = 'rgb(0 0 0 / 0.65)';
  context.lineWidth = 3 * unit;
  context.stroke(path);
  context.setLineDash(dash.map((length) => length * unit));
  context.strokeStyle = colour;
  context.lineWidth = 1.5 * unit;
  context.stroke(path);
  context.setLineDash([]);
}

/** The map of the hovered segment, else of the first one that is shown. */
function paintMap(context: CanvasRenderingContext2D, picture: CellPicture): void {
  const chosen =
    picture.hovered?.map ?? picture.layers.find((layer) => isShown(layer) && layer.map !== undefined)?.map;
  if (chosen === undefined) return;
  const [x, y, width, height] = chosen.covers.map((value) => value * picture.shrink) as [
    number,
    number,
    number,
    number,
  ];
  context.globalAlpha = 0.72;
  context.imageSmoothingEnabled = false;
  context.drawImage(chosen.canvas, x, y, width, height);
  context.globalAlpha = 1;
}

/** Positive: filled disc with a plus; negative: square with a minus; neutral: small hollow ring. */
function paintPoints(
  context: CanvasRenderingContext2D,
  points: PointsData,
  shrink: number,
  unit: number,
): void {
  for (let i = 0; i < points.labels.length; i++) {
    // A point names a pixel's centre; the canvas counts from the pixel's corner.
    const x = ((points.xy[2 * i] ?? 0) + 0.5) * shrink;
    const y = ((points.xy[2 * i + 1] ?? 0) + 0.5) * shrink;
    paintPoint(context, x, y, points.labels[i] ?? -1, unit);
  }
}

function paintPoint(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  label: number,
  unit: number,
): void {
  const radius = (label === -1 ? 2.5 : 4) * unit;
  context.beginPath();
  if (label === 0) context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
  else context.arc(x, y, radius, 0, 2 * Math.PI);
  if (label !== -1) {
    context.fillStyle = label === 1 ? '#0a7d32' : '#b3261e';
    context.fill();
  }
  context.strokeStyle = '#fff';
  context.lineWidth = unit;
  context.stroke();
  if (label === -1) return;
  context.beginPath();
  context.moveTo(x - radius * 0.55, y);
  context.lineTo(x + radius * 0.55, y);
  if (label === 1) {
    context.moveTo(x, y - radius * 0.55);
    context.lineTo(x, y + radius * 0.55);
  }
  context.stroke();
}

function paintCursor(
  context: CanvasRenderingContext2D,
  cursor: readonly [number, number],
  image: SceneImage,
  unit: number,
): void {
  const x = cursor[0] * image.width;
  const y = cursor[1] * image.height;
  const cross = new Path2D();
  cross.moveTo(x - 6 * unit, y);
  cross.lineTo(x + 6 * unit, y);
  cross.moveTo(x, y - 6 * unit);
  cross.lineTo(x, y + 6 * unit);
  strokeTwice(context, cross, '#fff', unit * 0.8, []);
}

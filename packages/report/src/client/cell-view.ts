import type { Detail } from './detail.js';
import { isShown, reaches, type Layer } from './layers.js';
import type { GridPart } from './rle.js';
import { isSharp, sharpen } from './sharp-outline.js';
import type { Marks } from './marks.js';
import { passes } from './filter.js';
import { createMaskSheet } from './mask-sheet.js';
import { paintCell } from './paint.js';
import type { Settings } from './settings.js';
import { place, type Viewport } from './viewport.js';

/** One cell of a row: its canvas, its layers and what the pointer is over. */
export interface CellView {
  readonly element: HTMLElement;
  readonly column: number;
  layers: Layer[];
  hovered: number;
  /** Width and height of the cell in CSS pixels. */
  size(): readonly [number, number];
  /**
   * Paints what the row shows.
   * @param sharply - true paints masks one by one however many there are, in place of the sheet that they are on
   */
  paint(scene: RowScene, settings: Settings, sharply?: boolean): void;
  /** What to do, a piece at a time, to have the sheet of many masks up to date. */
  prepare(scene: RowScene, settings: Settings): readonly (() => void)[];
  /** What to do, a mask at a time, to have outlines at the original's own pixels where the picture is enlarged. */
  sharpen(scene: RowScene, size: readonly [number, number]): readonly (() => void)[];
  /** Whether the sheet is too coarse for what is shown. */
  blurred(scene: RowScene): boolean;
  /** The topmost visible segment at a point of the cell (CSS pixels), or -1. */
  segmentAt(x: number, y: number, scene: RowScene): number;
}

/** The picture that masks are painted over; its pixels are the frame of {@link Layer} paths. */
export interface SceneImage {
  readonly source: CanvasImageSource;
  /** The same at halves, quarters and so on of its width and height, the largest first: small cells of large pictures. */
  readonly halves?: readonly CanvasImageSource[] | undefined;
  readonly width: number;
  readonly height: number;
  /** The original's own pixels; absent where the source has them. */
  readonly detail?: Detail | undefined;
}

/** What all cells of a row share. */
export interface RowScene {
  readonly image: SceneImage;
  readonly shrink: number;
  readonly view: Viewport;
  readonly truth: readonly Layer[];
  readonly cursor: readonly [number, number] | undefined;
  /** What a person points at, drawn over everything. */
  readonly marks: Marks;
  /** Column whose cell the pointer is in, or -1: that cell needs no cross. */
  readonly cursorColumn: number;
}

/** Up to this many masks in view are painted one by one while the picture moves, too. */
const SHEET_FROM = 12;

/** From so many pixels of the screen per picture pixel on, outlines of the picture's own pixels are coarse. */
const ENLARGED = 1.5;

/** A sheet may be enlarged by this much. */
const SHARP = 1.3;

/** The cell behind one `.view` element. */
export function createCellView(element: HTMLElement): CellView | undefined {
  const canvas = element.querySelector('canvas');
  const context = canvas?.getContext('2d');
  if (canvas === null || context === null || context === undefined) return undefined;
  const sheet = createMaskSheet();
  const filter = (settings: Settings): void => {
    for (const layer of cell.layers) layer.passes = passes(layer.label, layer.score, settings);
  };
  const partOf = ({ image, view }: RowScene): GridPart => {
    const [width, height] = cell.size();
    const { scale, left, top } = place(view, [image.width, image.height], [width, height]);
    return { left: -left / scale, top: -top / scale, width: width / scale, height: height / scale };
  };
  const shownIn = (scene: RowScene): readonly Layer[] => {
    const part = partOf(scene);
    return cell.layers.filter((layer) => isShown(layer) && reaches(layer, part));
  };
  const cell: CellView = {
    element,
    column: Number(element.dataset['column']),
    layers: [],
    hovered: -1,
    size: () => [element.clientWidth, element.clientHeight],
    prepare(scene, settings) {
      filter(settings);
      return cell.layers.length > SHEET_FROM ? sheet.prepare(cell.layers, scene.image, settings) : [];
    },
    sharpen(scene, size) {
      const { image, shrink, view } = scene;
      const at = place(view, [image.width, image.height], cell.size());
      if (shrink >= 1 || at.scale * pixelRatio() < ENLARGED) return [];
      const part = partOf(scene);
      return shownIn(scene)
        .filter((layer) => !isSharp(layer, part))
        .map((layer) => () => sharpen(layer, size, shrink, part));
    },
    blurred(scene) {
      const at = place(scene.view, [scene.image.width, scene.image.height], cell.size());
      return (
        at.scale * pixelRatio() > (sheet.pictures?.scale ?? 1) * SHARP && shownIn(scene).length > SHEET_FROM
      );
    },
    paint(scene, settings, sharply = false) {
      filter(settings);
      const [width, height] = cell.size();
      if (width === 0 || height === 0) return;
      const ratio = pixelRatio();
      const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== w) canvas.width = w;
      if (canvas.height !== h) canvas.height = h;
      const at = place(scene.view, [scene.image.width, scene.image.height], [width, height]);
      const shown = shownIn(scene);
      const hovered = cell.layers[cell.hovered];
      paintCell(
        context,
        at,
        ratio,
        {
          image: scene.image,
          shrink: scene.shrink,
          layers: cell.layers,
          truth: scene.truth,
          shown,
          part: partOf(scene),
          hovered: hovered !== undefined && isShown(hovered) ? hovered : undefined,
          marks: scene.marks,
          cursor: scene.cursorColumn === cell.column ? undefined : scene.cursor,
          masks: !settings.hidden.has(cell.column),
        },
        settings,
        sharply || shown.length <= SHEET_FROM ? undefined : sheet.pictures,
      );
    },
    segmentAt(x, y, scene) {
      const at = place(scene.view, [scene.image.width, scene.image.height], cell.size());
      const px = (x - at.left) / at.scale;
      const py = (y - at.top) / at.scale;
      context.setTransform(1, 0, 0, 1, 0, 0);
      for (let i = cell.layers.length - 1; i >= 0; i--) {
        const layer = cell.layers[i];
        if (layer !== undefined && isShown(layer) && context.isPointInPath(layer.path, px, py, 'evenodd'))
          return i;
      }
      return -1;
    },
  };
  return cell;
}

function pixelRatio(): number {
  return Math.min(2, window.devicePixelRatio || 1);
}

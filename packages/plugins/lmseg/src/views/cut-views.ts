import { createHash } from 'node:crypto';
import type { ImageFrame, ImageView, Size, TilePlan } from '@maskloom/core';
import { resizeInSlices } from '@maskloom/runtime';

/** How an image is looked at. */
export interface ViewSettings {
  /** `sliding`: windows and the whole; `whole`: the whole alone. */
  readonly mode: 'sliding' | 'whole';
  /** Side of every view in pixels. */
  readonly window: number;
  /** Share of a window that its neighbour sees too, 0..1. */
  readonly overlap: number;
  /** Side of the square canvas that windows are cut from. */
  readonly resizeTo: number;
  /** Whether the whole is looked at besides the windows. */
  readonly global: boolean;
}

/**
 * Cuts an image as CAT-Seg's inference does: resized to a square canvas (its shape is not kept), windows at steps of
 * `window * (1 - overlap)`, and the whole resized to one window. Resizes are Pillow's bilinear ones, on 8 bits.
 */
export async function cutViews(image: ImageFrame, settings: ViewSettings): Promise<TilePlan> {
  const { window, resizeTo } = settings;
  const square: Size = { width: window, height: window };
  const whole = async (): Promise<ImageView> => ({
    image: await resized(image, square),
    kind: 'global',
    x: 0,
    y: 0,
  });
  if (settings.mode === 'whole' || resizeTo <= window) return { canvas: square, views: [await whole()] };
  const canvas: Size = { width: resizeTo, height: resizeTo };
  const pixels = await resized(image, canvas);
  const starts = windowStarts(resizeTo, window, settings.overlap);
  const views = starts.flatMap((y) =>
    starts.map((x): ImageView => ({ image: cut(pixels, image.sha256, x, y, window), kind: 'window', x, y })),
  );
  return { canvas, views: settings.global ? [...views, await whole()] : views };
}

/**
 * Where windows begin along one side: from 0 in steps of the whole part of `window * (1 - overlap)`; the last one ends
 * at the edge.
 */
export function windowStarts(length: number, window: number, overlap: number): readonly number[] {
  // 128 * (1 - 1/3) is 85.33 and must stay so: a rounding error below a whole number would shorten the step.
  const step = Math.max(1, Math.floor(window * (1 - overlap) + 1e-9));
  const starts: number[] = [];
  for (let at = 0; at + window < length; at += step) starts.push(at);
  return [...starts, Math.max(0, length - window)];
}

async function resized(image: ImageFrame, size: Size): Promise<ImageFrame> {
  // An image that has the size already is itself: encoders that saw it need not see it again.
  if (image.width === size.width && image.height === size.height) return image;
  const { rgb } = await resizeInSlices(image, size, 'bilinear');
  return { ...size, rgb, sha256: hash(rgb, size), partOf: image.sha256 };
}

function cut(image: ImageFrame, partOf: string, x: number, y: number, side: number): ImageFrame {
  const rgb = new Uint8Array(3 * side * side);
  for (let row = 0; row < side; row++) {
    const from = 3 * ((y + row) * image.width + x);
    rgb.set(image.rgb.subarray(from, from + 3 * side), 3 * row * side);
  }
  const size = { width: side, height: side };
  return { ...size, rgb, sha256: hash(rgb, size), partOf };
}

function hash(rgb: Uint8Array, { width, height }: Size): string {
  return createHash('sha256').update(rgb).update(`${width}x${height}`).digest('hex');
}

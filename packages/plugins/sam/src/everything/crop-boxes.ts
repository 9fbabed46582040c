import type { Size } from '@maskloom/core';

/** A crop of an image. */
export interface CropBox {
  /** Left edge in whole pixels. */
  readonly x: number;
  /** Top edge in whole pixels. */
  readonly y: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** 0 is the whole image; layer n has 2^n crops along each side. */
  readonly layer: number;
}

/**
 * The whole image, then layer by layer its crops, column by column (`generate_crop_boxes` of segment-anything's
 * `utils/amg.py`). Neighbours of layer n overlap by `overlapRatio * shorter side * 2 / 2^n` pixels.
 * @param layers - layers of crops besides the whole image
 */
export function cropBoxes({ width, height }: Size, layers: number, overlapRatio: number): readonly CropBox[] {
  const boxes: CropBox[] = [{ x: 0, y: 0, width, height, layer: 0 }];
  for (let layer = 1; layer <= layers; layer++) {
    const perSide = 2 ** layer;
    const overlap = Math.trunc(overlapRatio * Math.min(width, height) * (2 / perSide));
    const side = (length: number): number => Math.ceil((overlap * (perSide - 1) + length) / perSide);
    const [across, down] = [side(width), side(height)];
    for (let i = 0; i < perSide; i++) {
      for (let j = 0; j < perSide; j++) {
        const [x, y] = [(across - overlap) * i, (down - overlap) * j];
        const box = { x, y, width: Math.min(across, width - x), height: Math.min(down, height - y), layer };
        // Of an image smaller than the crops along its side, the last ones have no pixels.
        if (box.width > 0 && box.height > 0) boxes.push(box);
      }
    }
  }
  return boxes;
}

import type { SceneImage } from './cell-view.js';
import { isShown, type Layer } from './layers.js';
import { paintMasks, type PaintedMasks } from './paint.js';
import type { Settings } from './settings.js';

/** Longest side of a sheet in pixels. */
const SHEET_LIMIT = 1024;

/** Masks painted in one piece of work. */
const AT_ONCE = 12;

/** All masks of a cell painted once, to be moved as one picture. */
export interface MaskSheet {
  /** The sheet, of the picture's shape; nothing before it was painted. */
  readonly pictures: PaintedMasks | undefined;
  /** What to do, a piece at a time, to paint it anew; nothing when masks and settings are as they were. */
  prepare(layers: readonly Layer[], image: SceneImage, settings: Settings): readonly (() => void)[];
}

/** A sheet that nothing is on. */
export function createMaskSheet(): MaskSheet {
  let pictures: { readonly forms: readonly ImageBitmap[]; readonly scale: number } | undefined;
  let [painted, state]: [readonly Layer[] | undefined, string] = [undefined, ''];
  return {
    get pictures() {
      return pictures;
    },
    prepare(layers, image, settings) {
      const now = [settings.opacity, settings.outlines, ...layers.map(isShown)].join();
      if (painted === layers && state === now) return [];
      const scale = Math.min(1, SHEET_LIMIT / Math.max(image.width, image.height));
      const canvas = new OffscreenCanvas(Math.ceil(image.width * scale), Math.ceil(image.height * scale));
      // Painted by the processor, so that each piece really does its share.
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (context === null) return [];
      context.setTransform(scale, 0, 0, scale, 0, 0);
      const starts = Array.from({ length: Math.ceil(layers.length / AT_ONCE) }, (_, i) => i * AT_ONCE);
      return [
        ...starts.map((from) => () => {
          paintMasks(context, layers.slice(from, from + AT_ONCE), undefined, 1 / scale, settings);
          context.getImageData(0, 0, 1, 1);
        }),
        () => {
          for (const old of pictures?.forms ?? []) old.close();
          const whole = canvas.transferToImageBitmap();
          pictures = { forms: [whole, halfOf(whole)], scale };
          [painted, state] = [layers, now];
        },
      ];
    },
  };
}

function halfOf(whole: ImageBitmap): ImageBitmap {
  const canvas = new OffscreenCanvas(Math.ceil(whole.width / 2), Math.ceil(whole.height / 2));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.drawImage(whole, 0, 0, canvas.width, canvas.height);
  return canvas.transferToImageBitmap();
}

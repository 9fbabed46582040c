import { createHash } from 'node:crypto';
import type { Box, DenseMask, ImageFrame } from '@maskloom/core';

/** What a paradigm may show of a turn. */
export interface Seen {
  /** The image itself. */
  readonly image: ImageFrame;
  /** The previous mask, of the image's size; absent where something was missed. */
  readonly mask?: DenseMask | undefined;
  /** The box that was pointed at. */
  readonly box?: Box<'ImagePx'> | undefined;
  /** The previous mask's tight box. */
  readonly own?: Box<'ImagePx'> | undefined;
}

/** What a bundle says about drawing: the colour of masks and boxes, and a mask's weight out of 256. */
export interface DrawingStyle {
  /** Red, green, blue, 0..255. */
  readonly colour: readonly [number, number, number];
  /** 0..256. */
  readonly alpha: number;
}

/**
 * A way of showing a previous mask to the tower (ROSE, Table 6), as a value: `defineRefiner` makes a stage of it,
 * `defineRefineRecipe` a recipe. Models are trained for one paradigm; the bundle's preset `refine.paradigm` names it.
 */
export interface Paradigm {
  /** In kebab-case: the stage and the recipe are `refine/<name>`, or `<owner>/<name>`. */
  readonly name: string;
  /** How the mask is shown, as the end of a sentence: "the previous mask drawn on the image". */
  readonly summary: string;
  /** Planes of the tower's input: red, green and blue, and a fourth when there is a `plane`. */
  readonly planes: 3 | 4;
  /** The picture that the tower sees; the image itself where nothing is drawn on it. Pure: the image is not changed. */
  show(seen: Seen, style: DrawingStyle): ImageFrame;
  /** What the fourth plane holds, of the image's size; zeros when it gives nothing. */
  plane?(seen: Seen): DenseMask | undefined;
}

/**
 * A copy of an image for a paradigm to draw on.
 * @param draw - changes the pixels, row-major HWC
 */
export function drawnOn(image: ImageFrame, draw: (rgb: Uint8Array) => void): ImageFrame {
  const rgb = Uint8Array.from(image.rgb);
  draw(rgb);
  const sha256 = createHash('sha256').update(rgb).digest('hex');
  return { width: image.width, height: image.height, rgb, sha256 };
}

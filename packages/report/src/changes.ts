import { decodeMask, encodeMask, type ImageFrame, type Prediction, type RleMask } from '@maskloom/core';
import { SEGMENT_COLOURS } from './client/palette.js';

/** Pixels that one turn of a refinement added to what it was about, and those it removed. */
export interface TurnChanges {
  /** Set after the turn and not before. */
  readonly added: RleMask;
  /** How many those are. */
  readonly addedPixels: number;
  /** Set before the turn and not after. */
  readonly removed: RleMask;
  /** How many those are. */
  readonly removedPixels: number;
}

/** Palette index of added pixels (blue) and of removed ones (orange): told apart by colour-blind readers too. */
export const CHANGE_COLOURS = { added: 1, removed: 6 } as const;

/**
 * What a turn changed in the segments that it was about: those it started from against the one it made. Deleted ones
 * are removed whole, a new one is added whole; a name alone changes no pixel.
 * @param image - of the masks' size
 * @returns undefined when `after` is no refinement of `before`
 */
export function changesOf(
  { width, height }: Pick<ImageFrame, 'width' | 'height'>,
  before: Prediction | undefined,
  after: Prediction,
): TurnChanges | undefined {
  const { refinement } = after;
  if (refinement === undefined || before === undefined) return undefined;
  const { situation, segment, from } = refinement;
  const started = from ?? (situation === 'missed' || segment === undefined ? [] : [segment]);
  const pixelsOf = (masks: readonly (RleMask | undefined)[]): Uint8Array => {
    const all = new Uint8Array(width * height);
    for (const mask of masks)
      if (mask !== undefined) decodeMask(mask).pixels.forEach((set, i) => (all[i] = (all[i] ?? 0) | set));
    return all;
  };
  const old = pixelsOf(started.map((i) => before.segments[i]?.mask));
  const made = pixelsOf(segment === undefined || situation === 'keep' ? [] : [after.segments[segment]?.mask]);
  const added = made.map((set, i) => (set === 1 && old[i] === 0 ? 1 : 0));
  const removed = old.map((set, i) => (set === 1 && made[i] === 0 ? 1 : 0));
  return {
    added: encodeMask(added, width, height),
    addedPixels: added.reduce((sum, set) => sum + set, 0),
    removed: encodeMask(removed, width, height),
    removedPixels: removed.reduce((sum, set) => sum + set, 0),
  };
}

/** The image in pale grey with added pixels in blue and removed ones in orange. */
export function changesFrame(image: ImageFrame, { added, removed }: TurnChanges): ImageFrame {
  const { width, height } = image;
  const rgb = image.rgb.map((_, i) => {
    const at = i - (i % 3);
    const luma =
      0.299 * (image.rgb[at] ?? 0) + 0.587 * (image.rgb[at + 1] ?? 0) + 0.114 * (image.rgb[at + 2] ?? 0);
    return Math.round(128 + luma / 2);
  });
  for (const [mask, colour] of [
    [added, CHANGE_COLOURS.added],
    [removed, CHANGE_COLOURS.removed],
  ] as const) {
    const hex = SEGMENT_COLOURS[colour] ?? '#000000';
    const bytes = [1, 3, 5].map((digit) => Number.parseInt(hex.slice(digit, digit + 2), 16));
    decodeMask(mask).pixels.forEach((set, i) => {
      if (set === 1) rgb.set(bytes, 3 * i);
    });
  }
  return { width, height, rgb, sha256: `${image.sha256} changes` };
}

import { MaskloomError } from '@maskloom/core';

/**
 * The text that stands for an image's id.
 * @throws MaskloomError `VALUE_INVALID` when a number is no safe integer
 */
export function imageKey(image: string | number): string {
  if (typeof image === 'string') return image;
  if (Number.isSafeInteger(image)) return String(image);
  throw new MaskloomError('VALUE_INVALID', `${image} is no id of an image.`, {
    hint: 'Give a safe integer or a text.',
  });
}

/**
 * The canonical order of images: integers by value (the order of `numpy.unique`, in which pycocotools breaks ties of
 * scores), then all other ids by their UTF-16 code units.
 */
export function compareImages(a: string, b: string): number {
  const x = integer(a);
  const y = integer(b);
  if (x !== undefined && y !== undefined) return x - y;
  if (x !== undefined || y !== undefined) return x === undefined ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function integer(key: string): number | undefined {
  const value = Number(key);
  return Number.isSafeInteger(value) && String(value) === key ? value : undefined;
}

import { MaskloomError, type SpatialPrompt } from '@maskloom/core';

/**
 * Adds `x,y,w,h` in pixels of the image to the prompts given so far.
 * @throws MaskloomError OPTION_INVALID
 */
export function collectBox(text: string, before: readonly SpatialPrompt[] = []): readonly SpatialPrompt[] {
  const [x, y, width, height] = numbers(text, '--box', 4, 'x,y,width,height in pixels, e.g. 10,20,40,30');
  return [
    ...before,
    {
      label: `box ${text}`,
      box: { frame: 'ImagePx', x: x ?? NaN, y: y ?? NaN, width: width ?? NaN, height: height ?? NaN },
    },
  ];
}

/**
 * Adds `x,y` in pixels of the image to the prompts given so far: a region of its own.
 * @throws MaskloomError OPTION_INVALID
 */
export function collectPoint(text: string, before: readonly SpatialPrompt[] = []): readonly SpatialPrompt[] {
  const xy = Float32Array.from(numbers(text, '--point', 2, 'x,y in pixels, e.g. 30,35'));
  return [...before, { label: `point ${text}`, points: { frame: 'ImagePx', xy, labels: Int8Array.of(1) } }];
}

function numbers(text: string, where: string, count: number, form: string): readonly number[] {
  const parts = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (parts.length === count && parts.every(Number.isFinite)) return parts;
  throw new MaskloomError('OPTION_INVALID', `'${text}' is not a prompt.`, { where, hint: `Write ${form}.` });
}

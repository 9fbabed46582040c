import { describe, expect, it } from 'vitest';
import type { Box } from '../domain/frames.js';
import { cutInstruction, cutRequest } from './cut-boxes.js';

const image = { width: 40, height: 30 };
const box = (x: number, y: number, width: number, height: number): Box<'ImagePx'> => ({
  frame: 'ImagePx',
  x,
  y,
  width,
  height,
});

describe('boxes of a request', () => {
  it.each([
    ['left and above', box(-5, -2.5, 10, 10), box(0, 0, 5, 7.5)],
    ['right and below', box(30, 25, 100, 6), box(30, 25, 10, 5)],
    ['around all of it', box(-1, -1, 99, 99), box(0, 0, 40, 30)],
  ])('that leave the image %s are cut, with a warning', (_name, given, cut) => {
    const warnings: string[] = [];
    const request = {
      task: 'prompted',
      prompts: [
        { label: 'a', box: given },
        { label: 'b', box: box(1, 2, 3, 4) },
      ],
    } as const;
    const done = cutRequest(image, request, (message) => warnings.push(message));
    expect(done.prompts).toEqual([{ label: 'a', box: cut }, request.prompts[1]]);
    const { x, y, width, height } = cut;
    expect(warnings).toEqual([
      `request.prompts[0].box leaves the image, 40 x 30: cut to ${[x, y, width, height].join(', ')}.`,
    ]);
    expect(cutInstruction(image, { box: given }, () => undefined)).toEqual({ box: cut });
  });

  it('that stay within are left as they are, to the bit', () => {
    const fine = box(0.1, 0.2, 39.9, 29.8);
    const request = { task: 'prompted', prompts: [{ box: fine }, { box: box(0, 0, 40, 30) }] } as const;
    const never = (): never => {
      throw new Error('warned');
    };
    expect(cutRequest(image, request, never)).toEqual(request);
    expect(cutRequest(image, { task: 'free' }, never)).toEqual({ task: 'free' });
  });
});

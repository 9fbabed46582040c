import { encodeMask } from '@maskloom/masks';
import { describe, expect, it } from 'vitest';
import type { Box, PointSet } from '../domain/frames.js';
import type { SpatialPrompt } from '../domain/prediction.js';
import { checkPrompts } from './check-prompts.js';

const image = { width: 40, height: 20 };
const box = (x: number, y: number, width: number, height: number): Box<'ImagePx'> => ({
  frame: 'ImagePx',
  x,
  y,
  width,
  height,
});
const points = (xy: number[], labels: number[]): PointSet<'ImagePx'> => ({
  frame: 'ImagePx',
  xy: Float32Array.from(xy),
  labels: Int8Array.from(labels),
});

describe('checkPrompts', () => {
  it('takes boxes, points and both, up to the edges of the image', () => {
    const fine: readonly SpatialPrompt[] = [
      { box: box(0, 0, 40, 20) },
      { box: box(-5, 10, 10, 50) },
      { points: points([0, 0, 39, 19], [1, 0]) },
      { label: 'it', box: box(1, 1, 2, 2), points: points([2, 2], [1]) },
      { points: points([1, 1, 900, 900], [1, -1]) },
    ];
    expect(() => checkPrompts(image, fine)).not.toThrow();
  });

  it.each<[string, readonly SpatialPrompt[] | undefined, string]>([
    ['none', undefined, 'request.prompts'],
    ['an empty list', [], 'request.prompts'],
    ['an empty prompt', [{ box: box(0, 0, 1, 1) }, {}], 'request.prompts[1]'],
    ['no point', [{ points: points([], []) }], 'request.prompts[0]'],
    ['a box without area', [{ box: box(3, 3, 0, 4) }], 'request.prompts[0].box'],
    ['a box of nothing', [{ box: box(NaN, 3, 4, 4) }], 'request.prompts[0].box'],
    ['a box beside the image', [{ box: box(40, 0, 4, 4) }], 'request.prompts[0].box'],
    ['a box above the image', [{ box: box(0, -4, 4, 4) }], 'request.prompts[0].box'],
    ['a point beside the image', [{ points: points([41, 3], [1]) }], 'request.prompts[0].points'],
    ['half a point', [{ points: points([4, 3, 2], [1, 1]) }], 'request.prompts[0].points'],
    ['a label that is none', [{ points: points([4, 3], [2]) }], 'request.prompts[0].points'],
    ['an infinite point', [{ points: points([4, Infinity], [1]) }], 'request.prompts[0].points'],
    [
      'another frame',
      [{ box: { ...box(0, 0, 4, 4), frame: 'SamPx' as 'ImagePx' } }],
      'request.prompts[0].box',
    ],
  ])('refuses %s', (_, prompts, where) => {
    expect(() => checkPrompts(image, prompts)).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID', where }),
    );
  });

  it('takes a mask of the size of the image where objects are proposed', () => {
    const mask = encodeMask(new Uint8Array(800), 40, 20);
    expect(() => checkPrompts(image, [{ mask }], 'free')).not.toThrow();
    expect(() => checkPrompts(image, [], 'free')).not.toThrow();
    expect(() => checkPrompts(image, [{ mask }])).toThrow(/neither a box nor a point/);
    const small = encodeMask(new Uint8Array(4), 2, 2);
    expect(() => checkPrompts(image, [{ mask: small }], 'free')).toThrow(/2 x 2/);
    expect(() => checkPrompts(image, [{}], 'free')).toThrow(/neither a box nor a point/);
  });
});

import { expect, it } from 'vitest';
import { threadsFor } from './threads.js';

it.each([
  [2.5e6, 16, 1],
  [400e6, 1, 1],
  [400e6, 4, 4],
  [400e6, 64, 8],
])('a model of %i bytes on %i cores gets %i threads', (bytes, cores, threads) => {
  expect(threadsFor(bytes, cores)).toBe(threads);
});

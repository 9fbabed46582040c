import { expect, it } from 'vitest';
import { localTensor } from './local-tensor.js';

it('hands out copies of its values until it is released', async () => {
  const tensor = localTensor([2, 1], Float32Array.of(1, 2));
  const first = await tensor.read();
  first[0] = 9;
  expect([...(await tensor.read())]).toEqual([1, 2]);
  expect(tensor.dims).toEqual([2, 1]);
  tensor.release();
  tensor.release();
  await expect(tensor.read()).rejects.toMatchObject({ code: 'TENSOR_RELEASED' });
});

it('holds no rows', async () => {
  expect((await localTensor([0, 3], new Float32Array(0)).read()).length).toBe(0);
});

it('refuses values that do not fill the shape', () => {
  expect(() => localTensor([2, 2], new Float32Array(3))).toThrow(/\[2, 2\]/);
});

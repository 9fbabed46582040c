import { localTensor } from './local-tensor.js';
import type { Tensor } from './tensor.js';

/**
 * Some rows of a float32 tensor as a tensor of their own.
 * @param tensor - [..., width], read as rows of its last axis
 * @param rows - which, in the order wanted; may be none
 * @param shape - axes of the result; [count, width] when absent
 */
export async function tensorRows(
  tensor: Tensor,
  rows: readonly number[],
  shape = (count: number, width: number): readonly number[] => [count, width],
): Promise<Tensor> {
  const width = tensor.dims.at(-1) ?? 0;
  const values = await tensor.read();
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, n) => data.set(values.subarray(row * width, (row + 1) * width), n * width));
  return localTensor(shape(rows.length, width), data);
}

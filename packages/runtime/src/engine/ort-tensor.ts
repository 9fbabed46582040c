import type { DType, ModelPort } from '@maskloom/core';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { floatsOfHalves, halvesOfFloats } from './half.js';
import { hostDType } from './host-dtype.js';
import { Tensor } from '../native/onnx-runtime.js';
import type { WireValues } from './protocol.js';

const DTYPES: ReadonlySet<string> = new Set<DType>(['float32', 'float16', 'int64', 'int32', 'uint8', 'bool']);

/**
 * Makes the runtime's tensor over values that arrived; no copy.
 * @param wanted - element type of the port that is fed: float32 is rounded to float16, int64 becomes int32, where it is one
 */
export function toOrt(values: WireValues, wanted: string): OrtTensor {
  const { data, dims } = values;
  if (wanted === 'float16' && data instanceof Float32Array)
    return new Tensor('float16', halvesOfFloats(data), dims);
  if (wanted === 'int32' && data instanceof BigInt64Array)
    return new Tensor('int32', Int32Array.from(data, Number), dims);
  return new Tensor(values.dtype, data, dims);
}

/**
 * Copies a tensor's values into a buffer of their own, fit for transfer; float16 as float32, int32 as int64. The stored
 * tensor stays readable: a second read must not find a detached buffer.
 */
export function fromOrt(tensor: OrtTensor): WireValues {
  const { data, dims } = tensor;
  if (tensor.type === 'float16') {
    return { dtype: 'float32', dims, data: floatsOfHalves(data as unknown as Uint16Array) };
  }
  if (data instanceof Int32Array) return { dtype: 'int64', dims, data: BigInt64Array.from(data, BigInt) };
  const dtype = dtypeOf(tensor.type, 'tensor');
  return { dtype: hostDType(dtype), dims, data: copyOf(tensor) };
}

/** A tensor [1, ...] as [times, ...], its values copied. */
export function repeated({ type, data, dims }: OrtTensor, times: number): OrtTensor {
  const one = data as Float32Array;
  // Arrays of every element type copy alike; the constructor is that of the values at hand.
  const all = new (one.constructor as Float32ArrayConstructor)(one.length * times);
  for (let n = 0; n < times; n++) all.set(one, n * one.length);
  return new Tensor(type as 'float32', all, [times, ...dims.slice(1)]);
}

/** A tensor [N, M, ...] as [N, count, ...], its values copied; itself where it has no more. */
export function firstOf(tensor: OrtTensor, count: number): OrtTensor {
  const { type, data, dims } = tensor;
  const [rows = 1, all = 0, ...rest] = dims;
  if (all <= count) return tensor;
  const size = rest.reduce((product, axis) => product * axis, 1);
  const from = data as Float32Array;
  const to = new (from.constructor as Float32ArrayConstructor)(rows * count * size);
  for (let n = 0; n < rows; n++)
    to.set(from.subarray(n * all * size, (n * all + count) * size), n * count * size);
  return new Tensor(type as 'float32', to, [rows, count, ...rest]);
}

/**
 * The dtype as this SDK names it.
 * @throws Error when a model uses an element type that does not cross the edge (bfloat16, strings, ...).
 */
export function dtypeOf(type: string, where: string): DType {
  if (!DTYPES.has(type)) {
    throw new Error(`${where} has element type ${type}; a model's edge carries ${[...DTYPES].join(', ')}`);
  }
  return type as DType;
}

/** A session's ports in this SDK's words. */
export function portsOf(metadata: readonly InferenceSession.ValueMetadata[]): ModelPort[] {
  return metadata.map((port) => {
    if (!port.isTensor) throw new Error(`${port.name} is not a tensor`);
    // An axis without a name arrives as '': it is still dynamic.
    const shape = port.shape.map((axis) => (axis === '' ? '?' : axis));
    return { name: port.name, dtype: dtypeOf(port.type, port.name), shape };
  });
}

function copyOf(tensor: OrtTensor): WireValues['data'] {
  const data = tensor.data;
  if (data instanceof Float32Array) return data.slice();
  if (data instanceof BigInt64Array) return data.slice();
  if (data instanceof Uint8Array) return data.slice();
  throw new Error(`values of type ${tensor.type} cannot be read`);
}

import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { DType, ModelPort } from '@maskloom/core';
import type { InferenceSession } from 'onnxruntime-node';
import type { WireValues } from './protocol.js';

const DTYPES: ReadonlySet<string> = new Set<DType>(['float32', 'int64', 'uint8', 'bool']);

/** Makes the runtime's tensor over values that arrived; no copy. */
export function toOrt(values: WireValues): OrtTensor {
  return new OrtTensor(values.dtype, values.data, values.dims);
}

/**
 * Copies a tensor's values into a buffer of their own, fit for transfer. The stored tensor stays
 * readable: a second read must not find a detached buffer.
 */
export function fromOrt(tensor: OrtTensor): WireValues {
  return { dtype: dtypeOf(tensor.type, 'tensor'), dims: tensor.dims, data: copyOf(tensor) };
}

/**
 * The dtype as this SDK names it.
 * @throws Error when a model uses an element type that does not cross the edge (fp16, strings, ...).
 */
export function dtypeOf(type: string, where: string): DType {
  if (!DTYPES.has(type)) {
    throw new Error(
      `${where} has element type ${type}; a model's edge carries float32, int64, uint8 or bool`,
    );
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

import { MaskloomError, isTensorHandle } from '@maskloom/core';
import type { HostDType, Tensor, TensorLike } from '@maskloom/core';
import type { Engine } from './engine.js';
import { hostDType } from './host-dtype.js';
import type { WireFeed, WireValues } from './protocol.js';
import { WorkerTensor } from './worker-tensor.js';

/** Inputs made ready to travel. */
export interface PreparedFeeds {
  readonly feeds: Readonly<Record<string, WireFeed>>;
  /** Buffers to transfer: copies, so the caller's arrays stay whole. */
  readonly transfer: ArrayBuffer[];
}

/**
 * Holds every handle of `inputs` that lives in this engine until `unpin`.
 * @throws MaskloomError TENSOR_RELEASED
 */
export function pinFeeds(
  engine: Engine,
  inputs: Readonly<Record<string, TensorLike>>,
): { numbers: Map<Tensor, number>; unpin: () => void } {
  const numbers = new Map<Tensor, number>();
  const undo: (() => void)[] = [];
  const unpin = (): void => undo.splice(0).forEach((drop) => drop());
  try {
    for (const value of Object.values(inputs)) {
      if (!(value instanceof WorkerTensor) || value.engine !== engine || numbers.has(value)) continue;
      const pin = value.pin();
      numbers.set(value, pin.tensor);
      undo.push(pin.unpin);
    }
  } catch (cause) {
    unpin();
    throw cause;
  }
  return { numbers, unpin };
}

/** Turns inputs into messages: handles of this engine by number, everything else by value. */
export async function prepareFeeds(
  inputs: Readonly<Record<string, TensorLike>>,
  numbers: ReadonlyMap<Tensor, number>,
): Promise<PreparedFeeds> {
  const feeds: Record<string, WireFeed> = {};
  const transfer: ArrayBuffer[] = [];
  for (const [name, value] of Object.entries(inputs)) {
    const number = isTensorHandle(value) ? numbers.get(value) : undefined;
    if (number !== undefined) {
      feeds[name] = { tensor: number };
      continue;
    }
    const values = isTensorHandle(value) ? await valuesOf(value) : copyOf(name, value);
    transfer.push(values.data.buffer as ArrayBuffer);
    feeds[name] = values;
  }
  return { feeds, transfer };
}

/** A handle that lives elsewhere (another device, another kind of host) travels by value. */
async function valuesOf(tensor: Tensor): Promise<WireValues> {
  if (tensor instanceof WorkerTensor) return tensor.values();
  const values = await tensor.read();
  const dtype = hostDType(tensor.dtype);
  return { dtype, dims: tensor.dims, data: asDType(dtype, values) };
}

function asDType(dtype: HostDType, values: Float32Array): WireValues['data'] {
  if (dtype === 'float32') return values.slice();
  if (dtype === 'int64') return BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
  return Uint8Array.from(values);
}

function copyOf(name: string, value: Exclude<TensorLike, Tensor>): WireValues {
  const length = value.dims.reduce((product, axis) => product * axis, 1);
  if (length !== value.data.length) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `input has ${value.data.length} values but shape [${value.dims.join(', ')}] holds ${length}`,
      { where: name, hint: 'Give dims whose product is the number of values.' },
    );
  }
  return { dtype: value.dtype, dims: value.dims, data: value.data.slice() };
}

import { MaskloomError, isChained, isRepeated, isTensorHandle } from '@maskloom/core';
import type { ChainedOutput, Feed, HostDType, HostTensor, RepeatedTensor, Tensor } from '@maskloom/core';
import type { Engine } from './engine.js';
import { hostDType } from './host-dtype.js';
import type { WireFeed, WireValues } from './protocol.js';
import { WorkerTensor } from './worker-tensor.js';

/**
 * Holds every handle among the inputs of some calls that lives in this engine until `unpin`.
 * @throws MaskloomError TENSOR_RELEASED
 */
export function pinFeeds(
  engine: Engine,
  calls: readonly Readonly<Record<string, Feed | ChainedOutput>>[],
): { numbers: Map<Tensor, number>; unpin: () => void } {
  const numbers = new Map<Tensor, number>();
  const undo: (() => void)[] = [];
  const unpin = (): void => undo.splice(0).forEach((drop) => drop());
  try {
    for (const inputs of calls)
      for (const feed of Object.values(inputs)) {
        if (isChained(feed)) continue;
        const value = isRepeated(feed) ? feed.repeated : feed;
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

/**
 * Turns inputs into messages: handles of this engine by number, everything else by value; at once, unless there is a handle
 * from elsewhere to be read.
 * @param transfer - buffers to transfer are added: copies, so the caller's arrays stay whole, or what the caller gives away
 */
export function prepareFeeds(
  inputs: Readonly<Record<string, Feed | ChainedOutput>>,
  numbers: ReadonlyMap<Tensor, number>,
  transfer: ArrayBuffer[],
): Readonly<Record<string, WireFeed>> | Promise<Readonly<Record<string, WireFeed>>> {
  const feeds: Record<string, WireFeed> = {};
  const coming: Promise<void>[] = [];
  for (const [name, feed] of Object.entries(inputs)) {
    if (isChained(feed)) {
      feeds[name] = { call: feed.call, output: feed.output };
      continue;
    }
    const times = isRepeated(feed) ? timesOf(name, feed) : 1;
    const value = isRepeated(feed) ? feed.repeated : feed;
    const number = isTensorHandle(value) ? numbers.get(value) : undefined;
    const byValue = (values: WireValues): void => {
      feeds[name] = repeated(values, times);
      transfer.push(feeds[name].data.buffer as ArrayBuffer);
    };
    if (number !== undefined) feeds[name] = times === 1 ? { tensor: number } : { tensor: number, times };
    else if (isTensorHandle(value)) coming.push(valuesOf(value).then(byValue));
    else byValue(copyOf(name, value));
  }
  return coming.length === 0 ? feeds : Promise.all(coming).then(() => feeds);
}

function timesOf(name: string, { repeated: { dims }, times }: RepeatedTensor): number {
  if (dims[0] === 1 && Number.isInteger(times) && times >= 1) return times;
  throw new MaskloomError(
    'VALUE_INVALID',
    `a tensor of shape [${dims.join(', ')}] cannot be repeated ${times} times`,
    { where: name, hint: 'Repeat a tensor whose first axis is 1, at least once.' },
  );
}

/** The values of a handle from elsewhere, repeated on this thread. */
function repeated(values: WireValues, times: number): WireValues {
  if (times === 1) return values;
  const { data, dims, dtype } = values;
  const all = new (data.constructor as Float32ArrayConstructor)(data.length * times);
  for (let n = 0; n < times; n++) all.set(data as Float32Array, n * data.length);
  return { dtype, dims: [times, ...dims.slice(1)], data: all };
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

function copyOf(name: string, value: HostTensor): WireValues {
  const length = value.dims.reduce((product, axis) => product * axis, 1);
  if (length !== value.data.length) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `input has ${value.data.length} values but shape [${value.dims.join(', ')}] holds ${length}`,
      { where: name, hint: 'Give dims whose product is the number of values.' },
    );
  }
  return { dtype: value.dtype, dims: value.dims, data: movable(value) ? value.data : value.data.slice() };
}

/** What the caller gives away, unless others may look at the same memory. */
function movable({ data, givenAway }: HostTensor): boolean {
  return (
    givenAway === true && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength
  );
}

import { decodeGreedily, type GreedyAnswer } from '@maskloom/core/worker';
import type { Tensor as OrtTensor } from 'onnxruntime-common';
import { fromOrt } from './ort-tensor.js';
import type { Requests, WireCall, WireFeed } from './protocol.js';

/** What one call gave, by the file's names. */
export type Outputs = Readonly<Record<string, OrtTensor>>;

/** How a decoding is run in the worker. */
export interface GreedyRun {
  /** Makes one model call, when its turn comes; its feeds may name outputs of `given`. */
  readonly call: (call: WireCall, given: readonly Outputs[]) => Promise<Outputs>;
  /** Throws once the decoding was cancelled. */
  readonly check: () => void;
  /** Told of each token. */
  readonly told: (id: number) => void;
}

/** The loop from token to token beside the sessions; see `decodeGreedily`. */
export async function greedyInWorker(
  { session, embedding, feeds, ports, length, rules }: Requests['greedy'],
  { call, check, told }: GreedyRun,
): Promise<GreedyAnswer> {
  const outputs = [ports.logits, ports.states, ...ports.cache.map(([, present]) => present)];
  const model = (fed: WireCall['feeds'], given: readonly Outputs[]): Promise<Outputs> =>
    call({ session, feeds: fed, outputs, onwards: [], read: [] }, given);
  // Words come again and again within one answer.
  const embedded = new Map<number, Outputs>();
  const embed = async (id: number): Promise<Outputs> => {
    const known = embedded.get(id);
    if (known !== undefined) return known;
    const ids = longs([1, 1], [BigInt(id)]);
    const asked = {
      session: embedding,
      feeds: { [ports.ids]: ids },
      outputs: [ports.embedded],
      onwards: [],
      read: [],
    };
    const made = await call(asked, []);
    embedded.set(id, made);
    return made;
  };
  let read = length;
  const driver = {
    logits: async (step: Outputs) => {
      const tensor = valueOf(step, ports.logits);
      return { values: floats(tensor), vocabulary: tensor.dims.at(-1) ?? 0 };
    },
    state: async (step: Outputs) => {
      const tensor = valueOf(step, ports.states);
      return floats(tensor).slice(-(tensor.dims.at(-1) ?? 0));
    },
    next: async (id: number, step: Outputs) => {
      check();
      const row = await embed(id);
      read++;
      const fed: Record<string, WireFeed> = { [ports.embeds]: { call: 0, output: ports.embedded } };
      if (ports.mask !== undefined) fed[ports.mask] = longs([1, read], new BigInt64Array(read).fill(1n));
      if (ports.positions !== undefined) fed[ports.positions] = longs([1, 1], [BigInt(read - 1)]);
      if (ports.logitsAt !== undefined) fed[ports.logitsAt] = longs([1], [0n]);
      for (const [past, present] of ports.cache) fed[past] = { call: 1, output: present };
      return model(fed, [row, step]);
    },
    release: (step: Outputs) => {
      for (const tensor of Object.values(step)) tensor.dispose();
    },
  };
  try {
    return await decodeGreedily(await model(feeds, []), rules, driver, told);
  } finally {
    for (const row of embedded.values()) driver.release(row);
  }
}

function longs(dims: readonly number[], values: BigInt64Array | readonly bigint[]): WireFeed {
  const data = values instanceof BigInt64Array ? values : BigInt64Array.from(values);
  return { dtype: 'int64', dims, data };
}

/** Read on the spot: no copy where the values are single precision. */
function floats(tensor: OrtTensor): Float32Array {
  return tensor.type === 'float32' ? (tensor.data as Float32Array) : (fromOrt(tensor).data as Float32Array);
}

function valueOf(step: Outputs, name: string): OrtTensor {
  const tensor = step[name];
  if (tensor === undefined) throw new Error(`the model gave no output '${name}'`);
  return tensor;
}

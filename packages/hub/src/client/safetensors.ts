import { z } from 'zod';
import { MaskloomError } from '@maskloom/core';
import { floatsOfHalves } from '@maskloom/runtime';

/** A weight as a file has it. */
export interface NamedWeight {
  /** Axis lengths. */
  readonly shape: readonly number[];
  /** Row-major, as float32 whatever the file holds. */
  readonly values: Float32Array;
}

/** Gives a part of a file, from byte `start` up to `end`. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

const entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
/** No header of a real checkpoint is longer (that of a 70B model has about 100 kB). */
const LONGEST_HEADER = 100e6;

/**
 * Reads some tensors of a safetensors file (8 bytes of length, a JSON header, then the values) without reading the rest.
 * @param read - gives parts of the file
 * @param wanted - says whether a tensor is wanted
 * @param where - for messages
 * @returns those that are there, by name
 * @throws MaskloomError HUB_FILE_DAMAGED when it is no safetensors file; MODEL_UNSUPPORTED for another element type
 */
export async function readSafetensors(
  read: ReadRange,
  wanted: (name: string) => boolean,
  where: string,
): Promise<ReadonlyMap<string, NamedWeight>> {
  const length = Number(Buffer.from(await read(0, 8)).readBigUInt64LE());
  if (length > LONGEST_HEADER) throw damaged(where);
  const header = parse(Buffer.from(await read(8, 8 + length)).toString('utf8'), where);
  const found = new Map<string, NamedWeight>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__' || !wanted(name)) continue;
    const parsed = entry.safeParse(value);
    if (!parsed.success) throw damaged(where);
    const [from, to] = parsed.data.data_offsets;
    const values = toFloats(parsed.data.dtype, await read(8 + length + from, 8 + length + to), where);
    if (values.length !== parsed.data.shape.reduce((product, axis) => product * axis, 1))
      throw damaged(where);
    found.set(name, { shape: parsed.data.shape, values });
  }
  return found;
}

function parse(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw damaged(where);
}

function toFloats(dtype: string, bytes: Uint8Array, where: string): Float32Array {
  // A copy of its own: typed arrays start at multiples of their element.
  const { buffer } = new Uint8Array(bytes);
  if (dtype === 'F32') return new Float32Array(buffer);
  if (dtype === 'F16') return floatsOfHalves(new Uint16Array(buffer));
  // bfloat16 is the upper half of a float32.
  if (dtype === 'BF16') {
    const bits = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
    return new Float32Array(bits.buffer);
  }
  throw new MaskloomError('MODEL_UNSUPPORTED', `Weights of type ${dtype} are not read.`, {
    where,
    hint: 'F32, F16 and BF16 are.',
  });
}

/** Writes tensors as a safetensors file of float32. */
export function writeSafetensors(weights: ReadonlyMap<string, NamedWeight>): Uint8Array {
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const [name, { shape, values }] of weights) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const parts = [...weights.values()].map(
    ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  return Buffer.concat([length, text, ...parts]);
}

function damaged(where: string): MaskloomError {
  return new MaskloomError('HUB_FILE_DAMAGED', 'The file is no whole safetensors file.', {
    where,
    hint: 'Remove it (maskloom hub rm) and fetch it again.',
  });
}

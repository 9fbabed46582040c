import { constants } from 'node:buffer';
import { inflateSync } from 'node:zlib';
import type { LabelImage } from './label-image.js';
import { MAX_PICTURE_PIXELS } from './limits.js';
import { dataInvalid } from './validate.js';

const COMPRESSED = 15;
const MATRIX = 14;
/** Bytes per value and how to read it, by MAT-file data type. */
const NUMBERS: Readonly<
  Record<number, readonly [number, (view: DataView, at: number, little: boolean) => number]>
> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
};

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
  readonly next: number;
}

/**
 * Reads a two-dimensional label map from a MATLAB 5 MAT-file (PASCAL-Context's `trainval/*.mat`; MAT-File Format,
 * chapter 1). Numbers of any type are taken when they are whole and fit.
 * @param bytes - the file
 * @param name - the variable, e.g. `LabelMap`
 * @param most - cells that are read at most
 * @throws MaskloomError `DATA_INVALID` when the file is of another form or has no such matrix
 */
export function readMatLabels(
  bytes: Uint8Array,
  name: string,
  where: string,
  most = MAX_PICTURE_PIXELS,
): LabelImage {
  if (bytes.length < 128) throw dataInvalid(where, 'header', 'it is too short for a MAT-file');
  const mark = String.fromCharCode(bytes[126] as number, bytes[127] as number);
  if (mark !== 'IM' && mark !== 'MI') throw dataInvalid(where, 'header', 'it is no MATLAB 5 MAT-file');
  const little = mark === 'IM';
  for (let at = 128; at + 8 <= bytes.length;) {
    let element = elementAt(bytes, at, little, where);
    at = element.type === COMPRESSED ? at + 8 + element.data.length : element.next;
    if (element.type === COMPRESSED)
      element = elementAt(inflated(element.data, where, most), 0, little, where);
    if (element.type !== MATRIX) continue;
    const found = labelsOf(element.data, name, little, where, most);
    if (found !== undefined) return found;
  }
  throw dataInvalid(where, name, 'the file has no such matrix');
}

function labelsOf(
  data: Uint8Array,
  name: string,
  little: boolean,
  where: string,
  most: number,
): LabelImage | undefined {
  const flags = elementAt(data, 0, little, where);
  const sides = elementAt(data, flags.next, little, where);
  const title = elementAt(data, sides.next, little, where);
  if (Buffer.from(title.data).toString('latin1') !== name) return undefined;
  const [height = 0, width = 0, ...more] = numbers(sides, little, where);
  if (more.length > 0 || height <= 0 || width <= 0 || height * width > most)
    throw dataInvalid(where, name, `${[height, width, ...more].join(' x ')} is no picture`);
  const values = numbers(elementAt(data, title.next, little, where), little, where);
  if (values.length !== height * width)
    throw dataInvalid(where, name, `it has ${values.length} values, ${height} x ${width} wanted`);
  const labels = new Int32Array(values.length);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++)
      labels[y * width + x] = wholeNumber(values[x * height + y] as number, name, where);
  }
  return { width, height, labels };
}

function wholeNumber(value: number, name: string, where: string): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw dataInvalid(where, name, `${value} is no label`);
}

function elementAt(bytes: Uint8Array, at: number, little: boolean, where: string): Element {
  if (at + 8 > bytes.length) throw dataInvalid(where, 'data', 'the file ends too early');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = view.getUint32(at, little);
  const small = tag >>> 16;
  const type = small > 0 ? tag & 0xffff : tag;
  const size = small > 0 ? small : view.getUint32(at + 4, little);
  const from = small > 0 ? at + 4 : at + 8;
  if (small > 4 || from + size > bytes.length) throw dataInvalid(where, 'data', 'the file ends too early');
  const next = small > 0 ? at + 8 : from + Math.ceil(size / 8) * 8;
  return { type, data: bytes.subarray(from, from + size), next };
}

function numbers({ type, data }: Element, little: boolean, where: string): Float64Array {
  const [size, read] = NUMBERS[type] ?? [];
  if (size === undefined || read === undefined)
    throw dataInvalid(where, 'data', `type ${type} holds no numbers`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const out = new Float64Array(Math.floor(data.length / size));
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * size, little);
  return out;
}

function inflated(data: Uint8Array, where: string, most: number): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength: Math.min(8 * most, constants.MAX_LENGTH) });
  } catch (cause) {
    throw dataInvalid(where, 'data', `it cannot be inflated (${String((cause as Error).message)})`);
  }
}

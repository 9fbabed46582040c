import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/** Writes files for tests below one folder. */
export class Files {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Bytes and texts as they are, everything else as JSON. */
  write(path: string, content: unknown): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    const plain = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(file, plain ? content : JSON.stringify(content));
  }
}

/** A PNG of 8 bits: 1 channel (grey, or palette when asked) or 3. */
export function png(pixels: readonly number[], width: number, height: number, palette = false): Buffer {
  const channels = pixels.length / (width * height);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = palette ? 3 : channels === 3 ? 2 : 0;
  const stride = width * channels;
  const rows = Array.from({ length: height }, (_, y) => [0, ...pixels.slice(y * stride, (y + 1) * stride)]);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Buffer.from(Array.from({ length: 768 }, (_, i) => (i * 37) % 256)))] : []),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A part of a PNG, with its length and checksum. */
export function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/** An RGB image of one colour. */
export function photo(width: number, height: number): Buffer {
  return png(new Array<number>(3 * width * height).fill(90), width, height);
}

/** A pickle of protocol 2 as Python 2 wrote it. */
export function pickle(value: unknown): Buffer {
  return Buffer.concat([Buffer.from([0x80, 2]), pickled(value), Buffer.from('.')]);
}

function pickled(value: unknown): Buffer {
  if (value === null) return Buffer.from('N');
  if (typeof value === 'boolean') return Buffer.from([value ? 0x88 : 0x89]);
  if (typeof value === 'number') {
    const out = Buffer.alloc(9);
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
      out.write('J');
      out.writeInt32LE(value, 1);
      return out.subarray(0, 5);
    }
    out.write('G');
    out.writeDoubleBE(value, 1);
    return out;
  }
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    const out = Buffer.alloc(5);
    out.write('T');
    out.writeUInt32LE(text.length, 1);
    return Buffer.concat([out, text]);
  }
  if (Array.isArray(value))
    return Buffer.concat([Buffer.from(']('), ...value.map(pickled), Buffer.from('e')]);
  const entries = Object.entries(value as object).flatMap(([key, item]) => [pickled(key), pickled(item)]);
  return Buffer.concat([Buffer.from('}('), ...entries, Buffer.from('u')]);
}

/** A MAT-file with one uint16 matrix `LabelMap`, given row by row. */
export function mat(values: readonly number[], width: number, height: number): Buffer {
  const element = (type: number, data: Buffer): Buffer => {
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(type, 0);
    tag.writeUInt32LE(data.length, 4);
    return Buffer.concat([tag, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
  };
  const sides = Buffer.alloc(8);
  sides.writeInt32LE(height, 0);
  sides.writeInt32LE(width, 4);
  const columns = Buffer.alloc(2 * values.length);
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) columns.writeUInt16LE(values[y * width + x] ?? 0, 2 * (x * height + y));
  const parts = [element(6, Buffer.from([11, 0, 0, 0, 0, 0, 0, 0])), element(5, sides)];
  const body = Buffer.concat([...parts, element(1, Buffer.from('LabelMap')), element(4, columns)]);
  const header = Buffer.alloc(128, 0x20);
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126, 'latin1');
  return Buffer.concat([header, element(14, body)]);
}

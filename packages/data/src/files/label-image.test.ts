import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { MaskloomError } from '@maskloom/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { encodePng } from '@maskloom/synth';
import { imageSize, readIndexPng, readLabelFile, readPanopticPng } from './label-image.js';
import { decodePng } from './png.js';
import { readMatLabels } from './mat.js';

interface LabelCase {
  readonly name: string;
  readonly ending: string;
  readonly data: string;
  readonly values: readonly number[];
}
/** Made by training/golden/make_label_golden.py with Pillow and SciPy. */
const golden = JSON.parse(readFileSync(new URL('../../fixtures/labels.json', import.meta.url), 'utf8')) as {
  width: number;
  height: number;
  files: LabelCase[];
};
const folder = mkdtempSync(join(tmpdir(), 'maskloom-labels-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
const bytesOf = ({ data }: LabelCase): Buffer => Buffer.from(data, 'base64');

describe('a label map', () => {
  it.each(golden.files.map((one) => [one.name, one] as const))('as %s keeps its values', async (_, one) => {
    const { width, height, labels } = await readLabelFile(write(`map${one.ending}`, bytesOf(one)));
    expect([width, height]).toEqual([golden.width, golden.height]);
    expect([...labels]).toEqual(one.values);
  });

  it('as RGB is 65536 B + 256 G + R in every row filter', async () => {
    const pixels = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 67) % 256);
    const expected = Array.from(
      { length: 20 },
      (_, p) => (pixels[3 * p] ?? 0) + 256 * (pixels[3 * p + 1] ?? 0) + 65536 * (pixels[3 * p + 2] ?? 0),
    );
    for (const kind of ['labels', 'picture'] as const) {
      const path = write('ids.png', encodePng(pixels, 5, 4, 3, kind));
      expect([...(await readPanopticPng(path)).labels]).toEqual(expected);
      await expect(readIndexPng(path)).rejects.toMatchObject({ code: 'DATA_INVALID' });
      expect(await imageSize(path)).toEqual({ width: 5, height: 4 });
    }
  });

  it('of another form, size or state is refused with its path', async () => {
    const good = encodePng(
      Uint8Array.from({ length: 12 }, (_, i) => i),
      4,
      3,
      1,
      'labels',
    );
    const changed = (at: number, byte: number): Buffer => {
      const copy = Buffer.from(good);
      copy[at] = byte;
      return copy;
    };
    const cases: [string, Buffer][] = [
      ['nothing', Buffer.alloc(0)],
      ['a text', Buffer.from('no picture')],
      ['half a picture', good.subarray(0, 45)],
      ['a wrong header checksum', changed(19, 9)],
      ['a wrong pixel checksum', changed(good.length - 20, 99)],
    ];
    for (const [name, bytes] of cases) {
      await expect(readIndexPng(write('bad.png', bytes)), name).rejects.toMatchObject({
        code: 'DATA_INVALID',
        where: expect.stringContaining('bad.png') as string,
      });
    }
    await expect(readIndexPng(join(folder, 'none.png'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    await expect(imageSize(join(folder, 'none.png'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    await expect(imageSize(join(folder, 'none.jpg'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    await expect(readLabelFile(write('bad.tif', Buffer.from('II*'))), 'a TIFF').rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
  });

  it.each([
    ['a size beyond memory', [65535, 65535, 8, 0], /65535 x 65535/],
    ['no pixels', [0, 5, 8, 0], /0 x 5/],
    ['interlacing', [4, 4, 8, 0, 1], /interlaced/],
    ['a colour type that does not exist', [4, 4, 8, 5], /colour type 5/],
    ['fewer rows than announced', [4, 4, 8, 0], /pixels/],
  ])('with %s is refused before its pixels are read', (_, [w, h, depth, colour, interlace], message) => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(w ?? 0, 0);
    header.writeUInt32BE(h ?? 0, 4);
    header.set([depth ?? 8, colour ?? 0, 0, 0, interlace ?? 0], 8);
    const png = Buffer.concat([
      Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
      encodeChunk('IHDR', header),
      encodeChunk('IDAT', deflateSync(Buffer.alloc(10))),
      encodeChunk('IEND', Buffer.alloc(0)),
    ]);
    expect(() => decodePng(png, 'x.png')).toThrow(message);
  });

  it('that is damaged anywhere gives a typed error or other values, never a crash', () => {
    const pictures = golden.files.filter(({ ending }) => ending !== '.tif');
    fc.assert(
      fc.property(
        fc.constantFrom(...pictures),
        fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 5 }),
        fc.option(fc.nat(5000), { nil: undefined }),
        (one, changes, cut) => {
          const bytes = bytesOf(one);
          const damaged = Buffer.from(
            bytes.subarray(0, cut === undefined ? bytes.length : cut % bytes.length),
          );
          for (const [at, byte] of changes) if (damaged.length > 0) damaged[at % damaged.length] = byte;
          try {
            if (one.ending === '.mat') readMatLabels(damaged, 'LabelMap', 'x.mat');
            else decodePng(damaged, 'x.png');
          } catch (error) {
            expect(MaskloomError.is(error) && error.code === 'DATA_INVALID', String(error)).toBe(true);
          }
        },
      ),
      { numRuns: 2000, seed: 9 },
    );
  });
});

function encodeChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { loadImage } from '@maskloom/runtime';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patternPixels } from './pattern.test.helper.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-image-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** A picture with a red left half and a blue right half. */
function halves(width = 40, height = 20): Sharp {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb[3 * i + (i % width < width / 2 ? 0 : 2)] = 255;
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

const pixel = (frame: { width: number; rgb: Uint8Array }, x: number, y: number): number[] => [
  ...frame.rgb.subarray((y * frame.width + x) * 3, (y * frame.width + x) * 3 + 3),
];
const refusal = (code: string) => expect.objectContaining({ name: 'MaskloomError', code });

describe('loadImage reads', () => {
  it('a lossless file to the exact pixels, from a path, a URL and bytes alike', async () => {
    const { rgb } = patternPixels(30, 20);
    const bytes = await sharp(rgb, { raw: { width: 30, height: 20, channels: 3 } })
      .png()
      .toBuffer();
    const path = await file('plain.png', bytes);
    const fromPath = await loadImage(path);
    expect(fromPath).toMatchObject({ width: 30, height: 20, source: path });
    expect(Buffer.compare(fromPath.rgb, rgb)).toBe(0);
    expect(fromPath.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    const fromUrl = await loadImage(pathToFileURL(path));
    const fromBytes = await loadImage(bytes);
    expect(fromUrl.sha256).toBe(fromPath.sha256);
    expect(fromBytes).toEqual({ width: 30, height: 20, rgb: fromPath.rgb, sha256: fromPath.sha256 });
  });

  it('a wrong extension by its content', async () => {
    const path = await file('really-a-png.jpg', await halves().png().toBuffer());
    expect(pixel(await loadImage(path), 0, 0)).toEqual([255, 0, 0]);
  });

  it.each([
    [6, 20, 40, [255, 0, 0], [0, 0, 255]],
    [3, 40, 20, [0, 0, 255], [0, 0, 255]],
    [8, 20, 40, [0, 0, 255], [255, 0, 0]],
  ])('EXIF orientation %i applied', async (orientation, width, height, first, last) => {
    const frame = await loadImage(await halves().withMetadata({ orientation }).png().toBuffer());
    expect([frame.width, frame.height]).toEqual([width, height]);
    expect(pixel(frame, 0, 0)).toEqual(first);
    expect(pixel(frame, 0, height - 1)).toEqual(last);
  });

  it('16-bit grey as the same grey in 8 bits', async () => {
    const grey = new Uint16Array(64).fill(0x8080);
    const bytes = await sharp(grey, { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    expect(pixel(await loadImage(bytes), 3, 3)).toEqual([128, 128, 128]);
  });

  it('16-bit colour in 8 bits', async () => {
    const rgb16 = new Uint16Array(64 * 3).map((_, i) => [0xffff, 0x8080, 0][i % 3] as number);
    const bytes = await sharp(rgb16, { raw: { width: 8, height: 8, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    expect(pixel(await loadImage(bytes), 1, 1)).toEqual([255, 128, 0]);
  });

  it('8-bit grey and palette images', async () => {
    const grey = await halves().toColourspace('b-w').png().toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    const [red, green, blue] = pixel(await loadImage(grey), 0, 0);
    expect([green, blue]).toEqual([red, red]);
    const palette = await halves().png({ palette: true }).toBuffer();
    expect((await sharp(palette).metadata()).isPalette).toBe(true);
    expect(pixel(await loadImage(palette), 39, 0)).toEqual([0, 0, 255]);
  });

  it('CMYK as sRGB', async () => {
    const bytes = await halves(64, 64).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const frame = await loadImage(bytes);
    const [red, green, blue] = pixel(frame, 8, 32) as [number, number, number];
    expect(frame.rgb.length).toBe(64 * 64 * 3);
    expect(red).toBeGreaterThan(200);
    expect(Math.max(green, blue)).toBeLessThan(80);
  });

  it('transparency dropped: the colour beneath shows', async () => {
    const rgba = new Uint8Array(16 * 4).map((_, i) => [10, 200, 30, 0][i % 4] as number);
    const bytes = await sharp(rgba, { raw: { width: 4, height: 4, channels: 4 } })
      .png()
      .toBuffer();
    expect(pixel(await loadImage(bytes), 2, 2)).toEqual([10, 200, 30]);
  });

  it('the first frame of an animation, with a warning', async () => {
    const frames = new Uint8Array(8 * 24 * 3).map(
      (_, i) => [200, 10, 90][Math.floor(i / (8 * 8 * 3))] as number,
    );
    const bytes = await sharp(frames, { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } })
      .gif()
      .toBuffer();
    const warnings: string[] = [];
    const frame = await loadImage(bytes, { onWarning: (message) => warnings.push(message) });
    expect([frame.width, frame.height]).toEqual([8, 8]);
    expect(pixel(frame, 4, 4).every((value) => Math.abs(value - 200) < 4)).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('first of 3 frames')]);
  });
});

describe('loadImage with damaged files', () => {
  it.each(['png', 'jpeg', 'gif', 'webp', 'tiff'] as const)(
    '%s: gives a whole frame or a typed error',
    async (format) => {
      const { rgb } = patternPixels(24, 16);
      const whole = await sharp(rgb, { raw: { width: 24, height: 16, channels: 3 } })
        .toFormat(format)
        .toBuffer();
      const edit = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), async (edits) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, value] of edits) bytes[at] = value;
          try {
            const frame = await loadImage(bytes, { maxPixels: 1e6 });
            expect(frame.rgb.length).toBe(frame.width * frame.height * 3);
          } catch (error) {
            expect(error).toMatchObject({ name: 'MaskloomError', code: expect.stringMatching(/^IMAGE_/) });
          }
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('loadImage refuses', () => {
  it('a missing file, also below a file', async () => {
    await expect(loadImage(join(folder, 'no-such.png'))).rejects.toThrow(refusal('IMAGE_NOT_FOUND'));
    const path = await file('a-file', await halves().png().toBuffer());
    await expect(loadImage(join(path, 'below.png'))).rejects.toThrow(refusal('IMAGE_NOT_FOUND'));
  });

  it('a folder', async () => {
    await expect(loadImage(folder)).rejects.toThrow(refusal('IMAGE_UNREADABLE'));
  });

  it('0 bytes', async () => {
    await expect(loadImage(await file('empty.png', new Uint8Array(0)))).rejects.toThrow(
      refusal('IMAGE_EMPTY'),
    );
    await expect(loadImage(new Uint8Array(0))).rejects.toThrow(refusal('IMAGE_EMPTY'));
  });

  it.each([
    ['text', Buffer.from('hello, this is no image at all')],
    ['one byte', Buffer.from([0xff])],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')],
    [
      'SVG behind a comment that looks like AVIF',
      Buffer.from('<!--ftypavif--><svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'),
    ],
    ['a GIF of no version', Buffer.from('GIF8<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['PDF', Buffer.from('%PDF-1.7 ...')],
    ['MP4', Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isommp42')],
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
  ])('%s in an image file', async (name, bytes) => {
    const path = await file(`${name}.png`, bytes);
    await expect(loadImage(path)).rejects.toThrow(refusal('IMAGE_UNSUPPORTED'));
    await expect(loadImage(path)).rejects.toThrow(path);
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('a truncated %s', async (format) => {
    const { rgb } = patternPixels(120, 90);
    const whole = await sharp(rgb, { raw: { width: 120, height: 90, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    await expect(loadImage(whole)).resolves.toMatchObject({ width: 120, height: 90 });
    for (const part of [0.9, 0.5, 0.1]) {
      await expect(loadImage(whole.subarray(0, whole.length * part))).rejects.toThrow(
        refusal('IMAGE_UNREADABLE'),
      );
    }
  });

  it('a header and nothing else', async () => {
    const png = await halves().png().toBuffer();
    await expect(loadImage(png.subarray(0, 12))).rejects.toThrow(refusal('IMAGE_UNREADABLE'));
  });

  it('a decompression bomb by its header, without decoding it', async () => {
    const bomb = await sharp({ create: { width: 11_000, height: 10_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const before = process.memoryUsage().rss;
    await expect(loadImage(bomb)).rejects.toThrow(refusal('IMAGE_TOO_LARGE'));
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('more pixels than asked for', async () => {
    const bytes = await halves(40, 20).png().toBuffer();
    await expect(loadImage(bytes, { maxPixels: 799 })).rejects.toThrow(/40 x 20/);
    await expect(loadImage(bytes, { maxPixels: 800 })).resolves.toMatchObject({ width: 40 });
  });

  it('to go on when aborted', async () => {
    const path = await file('abort.png', await halves().png().toBuffer());
    const reason = new Error('enough');
    await expect(loadImage(path, { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: reason,
    });
    const controller = new AbortController();
    const loading = loadImage(path, { signal: controller.signal });
    controller.abort();
    await expect(loading).rejects.toThrow(refusal('ABORTED'));
  });
});

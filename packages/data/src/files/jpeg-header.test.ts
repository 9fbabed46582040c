import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { jpegHeader } from './jpeg-header.js';

const picture = (channels: 1 | 3 = 3) =>
  sharp(Buffer.alloc(37 * 21 * channels, 90), { raw: { width: 37, height: 21, channels } });

describe('jpegHeader', () => {
  it('says what sharp says: baseline, progressive, grey, four colours, with a profile, every orientation', async () => {
    const files = [
      await picture().jpeg().toBuffer(),
      await picture().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
      await picture(1).jpeg().toBuffer(),
      await picture().toColourspace('cmyk').jpeg().toBuffer(),
      await picture().withIccProfile('p3').jpeg().toBuffer(),
      await picture()
        .withExif({ IFD0: { Copyright: 'someone' } })
        .jpeg()
        .toBuffer(),
    ];
    for (let orientation = 1; orientation <= 8; orientation++)
      files.push(await picture().withMetadata({ orientation }).jpeg().toBuffer());
    for (const file of files) {
      const { width, height, orientation = 1 } = await sharp(file).metadata();
      expect(jpegHeader(file)).toEqual({ width, height, orientation });
      expect([width, height]).toEqual([37, 21]);
    }
  });

  it('leaves to others what it does not know: every cut through the header, other formats, other bytes', async () => {
    const file = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const pixels = file.indexOf(Buffer.from([0xff, 0xda]));
    for (let length = 0; length < pixels + 4; length++)
      expect(jpegHeader(file.subarray(0, length))).toBeUndefined();
    for (const other of [
      await picture().png().toBuffer(),
      await picture().webp().toBuffer(),
      Buffer.alloc(64),
    ])
      expect(jpegHeader(other)).toBeUndefined();
  });

  it('never says something else than sharp of a damaged file', async () => {
    const file = await picture().withMetadata({ orientation: 3 }).jpeg().toBuffer();
    const pixels = file.indexOf(Buffer.from([0xff, 0xda]));
    let agreed = 0;
    for (let at = 2; at < pixels; at++) {
      const damaged = Buffer.from(file);
      damaged[at] = (file[at] ?? 0) ^ 0x11;
      const header = jpegHeader(damaged);
      const seen = await sharp(damaged)
        .metadata()
        .catch(() => undefined);
      if (header === undefined || seen === undefined) continue;
      expect(header, `byte ${at}`).toEqual({
        width: seen.width,
        height: seen.height,
        orientation: seen.orientation ?? 1,
      });
      agreed++;
    }
    expect(agreed).toBeGreaterThan(20);
  });
});

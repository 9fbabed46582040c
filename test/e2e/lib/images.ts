import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';
import { makeScene } from '@maskloom/synth';
import sharp from 'sharp';

const scene = makeScene(8_950_000, 160, 96);
const picture = () => sharp(scene.rgb, { raw: { width: scene.width, height: scene.height, channels: 3 } });

/** Images that must work, with the size that their prediction must have. */
export const GOOD: Readonly<
  Record<string, { readonly bytes: () => Promise<Buffer>; readonly size: readonly [number, number] }>
> = {
  'plain.png': { bytes: () => picture().png().toBuffer(), size: [160, 96] },
  'photo.jpg': { bytes: () => picture().jpeg().toBuffer(), size: [160, 96] },
  'wrong-ending.gif': { bytes: () => picture().png().toBuffer(), size: [160, 96] },
  'cmyk.jpg': { bytes: () => picture().toColourspace('cmyk').jpeg().toBuffer(), size: [160, 96] },
  'sixteen-bit.png': { bytes: () => picture().toColourspace('rgb16').png().toBuffer(), size: [160, 96] },
  'palette.png': { bytes: () => picture().png({ palette: true, colours: 16 }).toBuffer(), size: [160, 96] },
  'rotated.jpg': {
    bytes: () => picture().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    size: [96, 160],
  },
  'animated.gif': { bytes: animated, size: [40, 24] },
  'Größe & <b>name.png': { bytes: () => picture().png().toBuffer(), size: [160, 96] },
};

/** Images that must be refused, with the error's code. */
export const BAD: Readonly<Record<string, { readonly bytes: () => Promise<Buffer>; readonly code: string }>> =
  {
    'zero.png': { bytes: async () => Buffer.alloc(0), code: 'IMAGE_EMPTY' },
    'truncated.png': {
      bytes: async () => (await picture().png().toBuffer()).subarray(0, 3000),
      code: 'IMAGE_UNREADABLE',
    },
    'truncated.jpg': {
      bytes: async () => (await picture().jpeg().toBuffer()).subarray(0, 1500),
      code: 'IMAGE_UNREADABLE',
    },
    'text.png': { bytes: async () => Buffer.from('not an image\n'), code: 'IMAGE_UNSUPPORTED' },
    'bomb.png': { bytes: async () => bomb(60_000, 60_000), code: 'IMAGE_TOO_LARGE' },
  };

/** Writes images into a folder. */
export async function writeImages(
  folder: string,
  images: Readonly<Record<string, { readonly bytes: () => Promise<Buffer> }>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, { bytes }] of Object.entries(images)) await writeFile(join(folder, name), await bytes());
}

async function animated(): Promise<Buffer> {
  const frames = Buffer.concat([60, 200].map((value) => Buffer.alloc(40 * 24 * 3, value)));
  return sharp(frames, { raw: { width: 40, height: 48, channels: 3, pageHeight: 24 } })
    .gif({ delay: [100, 100] })
    .toBuffer();
}

/** A PNG whose header promises far more pixels than its few bytes hold. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1 << 16))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

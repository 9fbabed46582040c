import { constants, crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

const PICTURE = { level: 1, strategy: constants.Z_RLE, chunkSize: 1 << 16 };
const LABELS = { level: 1, windowBits: 12, memLevel: 6 };

/**
 * A minimal PNG writer for many small pictures: 8 bits per channel, one fixed row filter, fast compression.
 * Equal pixels give files that decode equally; the compressed bytes may differ between zlib versions.
 * @param pixels - row-major, `channels` bytes per pixel
 * @param channels - 1 = greyscale, 3 = RGB
 * @param kind - `picture` for noisy colours (filter Up, run-length strategy: twice as fast as matching and no larger),
 * `labels` for flat regions (no filter, string matching)
 */
export function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3,
  kind: 'picture' | 'labels',
): Buffer {
  const stride = width * channels;
  const rows = Buffer.allocUnsafe((stride + 1) * height);
  for (let y = 0, from = 0, to = 0; y < height; y++, from += stride, to += stride + 1) {
    const up = kind === 'picture' && y > 0;
    rows[to] = up ? 2 : 0;
    rows.set(pixels.subarray(from, from + stride), to + 1);
    if (up)
      for (let i = 0; i < stride; i++)
        rows[to + 1 + i] = (pixels[from + i] as number) - (pixels[from + i - stride] as number);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = channels === 3 ? 2 : 0;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, kind === 'picture' ? PICTURE : LABELS)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const out = Buffer.allocUnsafe(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

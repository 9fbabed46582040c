import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFormat } from '../check/check-format.js';
import { readCocoInstances } from '../coco/coco.js';
import { decodePng } from '../files/png.js';
import type { DatasetSample, OpenOptions } from './dataset.js';
import { openDataset } from './open-dataset.js';

const root = mkdtempSync(join(tmpdir(), 'maskloom-large-'));
afterAll(() => rmSync(root, { recursive: true }));
const [width, height] = [20_000, 5_001]; // 100,020,000 pixels: above the usual limit

/** A black picture of one bit per pixel. */
function png(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(height * (1 + width / 8)));
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([start, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

const PICTURE = png();
const image = { id: 1, file_name: 'large.png', width, height };
const categories = [{ id: 1, name: 'cat' }];
const outline = [0, 0, 4, 0, 4, 4, 0, 4];
const instances = {
  images: [image],
  categories,
  annotations: [{ id: 1, image_id: 1, category_id: 1, segmentation: [outline] }],
};
const FILES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'coco-instances': { 'instances.json': instances, 'images/large.png': PICTURE },
  labelme: {
    'large.json': {
      imagePath: 'large.png',
      shapes: [
        {
          label: 'cat',
          shape_type: 'rectangle',
          points: [
            [0, 0],
            [4, 4],
          ],
        },
      ],
    },
    'large.png': PICTURE,
  },
};

function folderOf(format: string): string {
  const folder = join(root, format);
  for (const [name, content] of Object.entries(FILES[format] ?? {})) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), Buffer.isBuffer(content) ? content : JSON.stringify(content));
  }
  return folder;
}

async function all(format: string, folder: string, options: OpenOptions): Promise<readonly DatasetSample[]> {
  const samples: DatasetSample[] = [];
  for await (const sample of (await openDataset(format, folder, options)).samples()) samples.push(sample);
  return samples;
}

describe('pictures above the usual limit', () => {
  it.each(Object.keys(FILES))('of %s are named without maxPixels, and read with it', async (format) => {
    const folder = folderOf(format);
    const problems: string[] = [];
    const onProblem = ({ message }: Error): void => void problems.push(message);
    expect(await all(format, folder, { onProblem })).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/at most 100000000 are read/)]);
    const maxPixels = width * height;
    const [sample] = await all(format, folder, { maxPixels });
    expect(sample).toMatchObject({ width, height });
    expect(await sample?.segments?.()).toMatchObject([
      { bbox: [0, 0, expect.any(Number), expect.any(Number)] },
    ]);
    expect(await checkFormat(format, folder, { maxPixels })).toMatchObject({
      ok: true,
      counts: { images: 1 },
    });
    const { problems: found } = await checkFormat(format, folder);
    expect(found.length).toBe(1);
  });

  it('are records of a COCO file only as far as the caller says', async () => {
    const file = join(folderOf('coco-instances'), 'instances.json');
    await expect(readCocoInstances(file)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    expect((await readCocoInstances(file, undefined, width * height)).images.size).toBe(1);
  });

  it('are decoded as label maps only as far as the caller says', () => {
    expect(() => decodePng(PICTURE, 'large.png')).toThrow(/DATA_INVALID|100020000|20000/);
    expect(decodePng(PICTURE, 'large.png', width * height)).toMatchObject({ width, height });
  });
});

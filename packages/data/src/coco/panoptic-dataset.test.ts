import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMask } from '@maskloom/core';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFormat } from '../check/check-format.js';
import { UNLABELLED, type DatasetSample } from '../open/dataset.js';
import { openDataset } from '../open/open-dataset.js';
import { Files, photo, png } from '../open/tiny-files.test-helper.js';

const root = mkdtempSync(join(tmpdir(), 'maskloom-panoptic-'));
const files = new Files(root);
afterAll(() => rmSync(root, { recursive: true }));

const WIDTH = 20;
const HEIGHT = 15;
const PIXELS = WIDTH * HEIGHT;
const categories = [4, 9, 2].map((id) => ({ id, name: `class ${id}`, isthing: 1 }));

interface Segment {
  readonly id: number;
  readonly category_id: number;
  readonly area?: number;
  readonly bbox?: readonly number[];
}

/** A picture of ids, as bytes of RGB. */
function picture(ids: readonly number[], width = WIDTH): Buffer {
  const colours = ids.flatMap((id) => [id & 255, (id >> 8) & 255, id >> 16]);
  return png(colours, width, ids.length / width);
}

/** Writes a data set whose image i has the panoptic picture i; all images are of one size. */
function lay(pictures: readonly (Buffer | undefined)[], lists: readonly (readonly Segment[])[]): void {
  const numbers = lists.map((_, i) => i);
  files.write('panoptic.json', {
    annotations: numbers.map((i) => ({ image_id: i, file_name: `${i}.png`, segments_info: lists[i] })),
    categories,
    images: numbers.map((id) => ({ id, file_name: `${id}.png`, width: WIDTH, height: HEIGHT })),
  });
  for (const [i, bytes] of pictures.entries()) {
    files.write(`images/${i}.png`, photo(WIDTH, HEIGHT));
    if (bytes !== undefined) files.write(`panoptic/${i}.png`, bytes);
  }
}

async function first(): Promise<Required<DatasetSample>> {
  for await (const sample of (await openDataset('coco-panoptic', root)).samples())
    return sample as Required<DatasetSample>;
  throw new Error('There is no sample.');
}

describe('a panoptic picture', () => {
  it.each([
    ['a few segments', 7, 11],
    ['more segments than a byte counts', 290, 70_000],
  ])('of %s has the masks and labels that its pixels say', async (_, count, step) => {
    const ids = Array.from({ length: PIXELS }, (_, p) =>
      p % count === 3 ? 0 : (((p % count) + 1) * step) % 0xffffff,
    );
    const listed = [...new Set(ids)].filter((id) => id !== 0);
    // One is in the list and not in the picture.
    const list = [...listed, 0xffffff].map((id, i) => ({ id, category_id: [4, 9][i % 2] as number }));
    lay([picture(ids)], [list]);
    const sample = await first();
    const segments = await sample.segments();
    expect(segments.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
    for (const { id, mask, area } of segments) {
      expect([...decodeMask(mask).pixels]).toEqual(ids.map((one) => Number(one === id)));
      expect(area).toBe(ids.filter((one) => one === id).length);
    }
    const { labels } = await sample.labels();
    const classOf = new Map(list.map(({ id, category_id }) => [id, category_id === 4 ? 0 : 1]));
    expect([...labels]).toEqual(ids.map((id) => classOf.get(id) ?? UNLABELLED));
    expect([...(await sample.labelledClasses())].sort()).toEqual([0, 1]);
  });

  it('has the classes of the segments that it shows', async () => {
    const ids = Array.from({ length: PIXELS }, (_, p) => (p < 40 ? 0 : 6));
    lay([picture(ids)], [[5, 6].map((id) => ({ id, category_id: id === 5 ? 4 : 2 }))]);
    expect([...(await (await first()).labelledClasses())]).toEqual([2]);
  });

  it('with segments that are not in its list says which comes first, of its labels alone', async () => {
    const ids = Array.from({ length: PIXELS }, (_, p) => (p === 250 ? 7 : p === 260 ? 8 : 6));
    lay([picture(ids)], [[{ id: 6, category_id: 4 }]]);
    const sample = await first();
    const refused = { code: 'DATA_INVALID', where: `${join(root, 'panoptic/0.png')}: segment 7` };
    await expect(sample.labels()).rejects.toMatchObject(refused);
    await expect(sample.labelledClasses()).rejects.toMatchObject(refused);
    expect((await sample.segments()).map(({ area }) => area)).toEqual([PIXELS - 2]);
  });
});

it('the check of pictures of which some are broken names those, in their order, and reads all others', async () => {
  const ids = Array.from({ length: PIXELS }, (_, p) => (p % WIDTH < 5 ? 1 : 2));
  const good = [
    { id: 1, category_id: 4, area: 75, bbox: [0, 0, 5, 15] },
    { id: 2, category_id: 9, area: 225, bbox: [5, 0, 15, 15] },
  ];
  const huge = Buffer.from(picture(ids));
  // Its header announces 4 gigapixels.
  huge.writeUInt32BE(65535, 16);
  huge.writeUInt32BE(65535, 20);
  const whole = picture(ids);
  const pictures = [
    whole,
    whole.subarray(0, 60),
    whole,
    huge,
    picture(ids, 15),
    undefined,
    whole,
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    whole,
  ];
  const lists = pictures.map((_, i) => (i === 6 ? good.map((one) => ({ ...one, area: 75 })) : good));
  lay(pictures, lists);
  const { ok, counts, problems } = await checkFormat('coco-panoptic', root);
  expect(ok).toBe(false);
  expect(counts).toEqual({ images: 9, segments: 8, 'label maps': 4 });
  const at = (i: number): string => join(root, `panoptic/${i}.png`);
  expect(problems.map(({ where, message }) => [where, message])).toEqual([
    [`${at(1)}: picture`, 'A field of the file is wrong: it ends too early.'],
    [`${at(3)}: picture`, expect.stringContaining('checksum')],
    [`${at(4)}: size`, 'A field of the file is wrong: it is 15 x 20, its image 20 x 15.'],
    [at(5), 'The file does not exist.'],
    [`${join(root, 'images/6.png')}: segment 2`, 'the mask has 225 pixels, 75 are stated'],
    [`${at(7)}: picture`, 'A field of the file is wrong: it is no PNG.'],
  ]);
});

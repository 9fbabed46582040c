// What tools really write: pycocotools, panopticapi, labelme and Pillow read all of it, and so do the readers here. Figures in
// comments are those tools'.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';
import { encodePng } from '@maskloom/synth';
import sharp from 'sharp';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openDataset } from './open/open-dataset.js';
import type { DatasetSample, DatasetSegment, OpenOptions } from './open/dataset.js';
import { drawnPicture } from './files/picture-sizes.js';
import { parseTolerantJson } from './files/tolerant-json.js';
import { checkFormat } from './check/check-format.js';

const base = mkdtempSync(join(tmpdir(), 'maskloom-lenient-'));
let root = base;
let made = 0;
beforeEach(() => {
  root = join(base, `${made++}`);
  mkdirSync(root);
});
afterAll(() => rmSync(base, { recursive: true }));

const write = (path: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};
const rgb = (width: number, height: number): Uint8Array =>
  encodePng(new Uint8Array(width * height * 3).fill(90), width, height, 3, 'picture');
const open = async (format: string, options: OpenOptions = {}): Promise<readonly DatasetSample[]> => {
  const samples: DatasetSample[] = [];
  for await (const sample of (await openDataset(format, root, options)).samples()) samples.push(sample);
  return samples;
};
const segmentsOf = async (format: string, options?: OpenOptions): Promise<readonly DatasetSegment[]> =>
  (await (await open(format, options))[0]?.segments?.()) ?? [];

/** [2, 10) x [2, 8): 48 pixels by pycocotools. */
const SQUARE = [2, 2, 10, 2, 10, 8, 2, 8];
const image = { id: 1, file_name: 'a.png', width: 20, height: 12 };
const category = { id: 1, name: 'cat', supercategory: 'x' };
const annotation = {
  id: 1,
  image_id: 1,
  category_id: 1,
  bbox: [2, 2, 8, 6],
  area: 48,
  iscrowd: 0,
  segmentation: [SQUARE],
};
const instances = (changes: object = {}, more: object = {}): string =>
  JSON.stringify({
    images: [image],
    categories: [{ ...category, ...more }],
    annotations: [{ ...annotation, ...changes }],
  });

describe('COCO records as tools write them', () => {
  it.each([
    ['supercategory null', instances({}, { supercategory: null })],
    ['a numeric name', instances({}, { name: 7 })],
    ['isthing null', instances({}, { isthing: null })],
    ['isthing true', instances({}, { isthing: true })],
    ['attributes null', instances({ attributes: null })],
    ['attributes as a list', instances({ attributes: ['occluded'] })],
    ['iscrowd null', instances({ iscrowd: null })],
    ['iscrowd false', instances({ iscrowd: false })],
    ['iscrowd 0.0', instances().replace('"iscrowd":0', '"iscrowd":0.0')],
    ['no area', instances({ area: undefined })],
    ['area null', instances({ area: null })],
    ['area NaN', instances().replace('"area":48', '"area":NaN')],
    ['area Infinity', instances().replace('"area":48', '"area": -Infinity')],
    ['no box', instances({ bbox: undefined })],
    ['a box of width -0.01', instances({ bbox: [2, 2, -0.01, 6] })],
    ['a box with null', instances({ bbox: [2, 2, null, 6] })],
    ['ids as text', instances({ id: '1', image_id: '1', category_id: '1' })],
    ['a negative id', instances({ id: -3 })],
    ['a very large id', instances({ id: 9_007_199_254_740_991 })],
    ['a point beside a good polygon', instances({ segmentation: [SQUARE, [10, 6]] })],
    ['two points beside a good polygon', instances({ segmentation: [[1, 1, 4, 4], SQUARE] })],
    [
      'NaN within a string',
      instances({ attributes: { note: 'NaN, "Infinity"' }, area: 48 }).replace('48', 'NaN'),
    ],
  ])('%s: 48 pixels, area and box', async (_, text) => {
    write('instances.json', text);
    write('images/a.png', rgb(20, 12));
    const [segment, ...others] = await segmentsOf('coco-instances');
    expect(others).toEqual([]);
    expect(segment).toMatchObject({ area: 48, bbox: [2, 2, 8, 6], crowd: false });
    const { problems, notes } = await checkFormat('coco-instances', root);
    expect(problems).toEqual([]);
    // A number that is none is said, with its line and field.
    const said = /"area":\s*-?(NaN|Infinity)/.test(text);
    expect(notes).toEqual(
      said ? [expect.stringMatching(/instances\.json, line 1: annotations\[0\]\.area is no number/)] : [],
    );
  });

  it('keep what is in a string when numbers are mended', () => {
    expect(parseTolerantJson('{"a\\"NaN": [NaN, -Infinity, "NaN"], "b": Infinity}')).toEqual({
      'a"NaN': [null, null, 'NaN'],
      b: null,
    });
    expect(() => parseTolerantJson('{"a": NaNo}')).toThrow(SyntaxError);
    expect(() => parseTolerantJson('{"a": NaN')).toThrow(SyntaxError);
  });

  it('an image whose ending is not its content is read by content', async () => {
    write('instances.json', instances().replaceAll('a.png', 'a.JPG'));
    write('images/a.JPG', rgb(20, 12));
    expect(await checkFormat('coco-instances', root)).toMatchObject({ ok: true });
  });

  it('one record that cannot be read leaves the others', async () => {
    const two = JSON.parse(instances()) as { images: object[]; annotations: object[] };
    two.images.push({ ...image, id: 2, width: 'wide' });
    two.annotations.push({ ...annotation, id: 2, segmentation: [['x']] });
    write('instances.json', JSON.stringify(two));
    write('images/a.png', rgb(20, 12));
    const said: string[] = [];
    const segments = await segmentsOf('coco-instances', {
      onProblem: (error) => said.push(error.where ?? ''),
    });
    expect(segments).toHaveLength(1);
    expect(said.map((where) => where.split(': ')[1])).toEqual([
      expect.stringMatching(/^images\[1\]/),
      expect.stringMatching(/^annotations\[1\]/),
    ]);
  });
});

/** A PNG with a palette of 256 greys from black, or RGBA. */
function png(width: number, height: number, colour: 3 | 6, pixels: Uint8Array): Uint8Array {
  const channels = colour === 6 ? 4 : 1;
  const rows = Buffer.alloc((width * channels + 1) * height);
  for (let y = 0; y < height; y++)
    rows.set(
      pixels.subarray(y * width * channels, (y + 1) * width * channels),
      y * (width * channels + 1) + 1,
    );
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length);
    out.write(type, 4, 'latin1');
    out.set(data, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, colour, 0, 0, 0], 8);
  // Colour i of the palette is the id i: R = i, G = B = 0.
  const palette = Uint8Array.from({ length: 768 }, (_, i) => (i % 3 === 0 ? i / 3 : 0));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(colour === 3 ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

describe('panoptic pictures', () => {
  const panoptic = (ids: readonly (number | string)[]): string =>
    JSON.stringify({
      images: [{ ...image, id: 'ADE_val_1' }],
      categories: [{ ...category, isthing: null }],
      annotations: [
        {
          image_id: 'ADE_val_1',
          file_name: 'a.png',
          segments_info: ids.map((id) => ({ id, category_id: '1', iscrowd: 0 })),
        },
      ],
    });
  // 12 rows of 20: the upper six are segment 5, then three rows of segment 9.
  const value = (p: number): number => (p < 120 ? 5 : p < 180 ? 9 : 0);

  it.each([
    [
      'with a palette',
      png(
        20,
        12,
        3,
        Uint8Array.from({ length: 240 }, (_, p) => value(p)),
      ),
    ],
    [
      'in RGBA',
      png(
        20,
        12,
        6,
        Uint8Array.from({ length: 960 }, (_, i) => [value(i >> 2), 0, 0, 128][i % 4] ?? 0),
      ),
    ],
  ])('%s, with ids as text and no areas: segments of 120 and 60 pixels', async (_, bytes) => {
    write('panoptic.json', panoptic(['5', 9]));
    write('panoptic/a.png', bytes);
    write('images/a.png', rgb(20, 12));
    expect((await segmentsOf('coco-panoptic')).map(({ id, area, bbox }) => [id, area, bbox])).toEqual([
      [5, 120, [0, 0, 20, 6]],
      [9, 60, [0, 6, 20, 3]],
    ]);
  });
});

describe('files of other programs', () => {
  it('named ._* are not data', async () => {
    for (const name of ['a', '._a']) {
      write(
        `annotations/validation/${name}.png`,
        encodePng(new Uint8Array(240).fill(1), 20, 12, 1, 'labels'),
      );
      write(`images/validation/${name}.jpg`, name === 'a' ? rgb(20, 12) : 'Mac OS X');
    }
    write('objectInfo150.txt', 'Idx\tRatio\tTrain\tVal\tStuff\tName\n');
    expect((await open('ade20k-150')).map(({ id }) => id)).toHaveLength(1);
  });
});

describe('layouts of exports', () => {
  it.each([
    ['COCO', 'annotations/instances_val2017.json', 'val2017/a.png', 'val'],
    ['mmdet', 'annotations/train.json', 'train/a.png', 'train'],
    ['Roboflow', 'valid/_annotations.coco.json', 'valid/a.png', 'val'],
    ['Roboflow, its own name', 'valid/_annotations.coco.json', 'valid/a.png', 'valid'],
    ['FiftyOne', 'labels.json', 'data/a.png', undefined],
    ['CVAT', 'annotations/instances_default.json', 'images/default/a.png', undefined],
    ['Label Studio', 'result.json', 'images/a.png', undefined],
  ])('%s is found', async (_, file, picture, split) => {
    write(file, instances());
    write(picture, rgb(20, 12));
    expect((await open('coco-instances', { split }))[0]?.path).toBe(join(root, picture));
  });

  it('are named, wherever they are', async () => {
    write('somewhere/labels-v3.json', instances());
    write('pictures/a.png', rgb(20, 12));
    const given = { annotations: join(root, 'somewhere/labels-v3.json'), images: join(root, 'pictures') };
    expect((await open('coco-instances', given))[0]?.path).toBe(join(root, 'pictures/a.png'));
  });

  it('that are not there: what was looked for, what is there, and what to say', async () => {
    write('strange/file.json', instances());
    await expect(open('coco-instances', { split: 'val' })).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      hint: expect.stringMatching(
        /annotations\/instances_val\.json.*valid\/_annotations.*there is strange.*--annotations/s,
      ) as string,
    });
  });
});

describe('a picture with an orientation tag', () => {
  /** Stored 40 x 24; orientation 6 shows it as 24 x 40, orientation 3 upside down. */
  const turned = (orientation: number, width = 40, height = 24): Promise<Uint8Array> =>
    sharp({ create: { width, height, channels: 3, background: '#777' } })
      .withMetadata({ orientation })
      .jpeg()
      .toBuffer();
  const outline = [
    [3, 20],
    [20, 20],
    [20, 38],
    [3, 38],
  ];
  const labelme = (shape: object = {}, imagePath = 'a.jpg'): string =>
    JSON.stringify({ imagePath, shapes: [{ label: 'x', points: outline, shape_type: 'polygon', ...shape }] });

  it('is drawn on by labelme as it is shown', async () => {
    write('a.jpg', await turned(6));
    write('a.json', labelme());
    const [sample] = await open('labelme');
    expect(sample).toMatchObject({ width: 24, height: 40 });
    // OpenCV 4.8 fills the outline with 18 x 19 pixels.
    expect((await segmentsOf('labelme'))[0]?.area).toBe(342);
    expect((await segmentsOf('labelme', { drawn: 'stored' }))[0]?.area).toBe(72);
    const report = await checkFormat('labelme', root);
    expect(report.ok).toBe(true);
    expect(report.notes).toEqual([expect.stringMatching(/a\.jpg.*stored 40 x 24, shown 24 x 40.*as shown/)]);
  });

  it('is taken as stored by COCO, unless its record states the size that is shown', async () => {
    write('a.jpg', await turned(6));
    const path = join(root, 'a.jpg');
    expect(await drawnPicture(path, { width: 40, height: 24 }, 'stored')).toMatchObject({ drawn: 'stored' });
    expect(await drawnPicture(path, { width: 24, height: 40 }, 'stored')).toMatchObject({ drawn: 'shown' });
    await expect(drawnPicture(path, { width: 24, height: 41 }, 'stored')).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(
        /40 x 24 as stored and 24 x 40 as shown, its record says 24 x 41/,
      ) as string,
    });
  });

  it.each([
    [3, 40, 24],
    [6, 30, 30],
  ])(
    'of orientation %i and one size, %i x %i, is taken by the rule, and said',
    async (orientation, width, height) => {
      write('a.jpg', await turned(orientation, width, height));
      const path = join(root, 'a.jpg');
      for (const rule of ['stored', 'shown'] as const)
        expect(await drawnPicture(path, { width, height }, rule)).toMatchObject({
          drawn: rule,
          note: expect.stringContaining(`as ${rule}`) as string,
        });
    },
  );

  it.each([
    [
      'a circle',
      {
        shape_type: 'circle',
        points: [
          [10, 15],
          [10, 20],
        ],
      },
      97,
    ],
    [
      'a rectangle',
      {
        shape_type: 'rectangle',
        points: [
          [2, 3],
          [6, 9],
        ],
      },
      35,
    ],
    [
      'a mask',
      {
        shape_type: 'mask',
        points: [
          [4, 5],
          [7, 7],
        ],
        mask: Buffer.from(
          encodePng(Uint8Array.from([0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0]), 4, 3, 1, 'labels'),
        ).toString('base64'),
      },
      8,
    ],
  ])('%s of labelme covers its pixels', async (_, shape, area) => {
    write('a.jpg', await turned(1));
    write('a.json', labelme(shape));
    expect((await segmentsOf('labelme'))[0]?.area).toBe(area);
  });

  it('shapes without an area are named and leave the others', async () => {
    write('a.jpg', await turned(1));
    const shapes = ['point', 'linestrip', 'polygon'].map((shape_type) => ({
      label: shape_type,
      points: outline,
      shape_type,
    }));
    write('a.json', JSON.stringify({ imagePath: 'a.jpg', shapes }));
    const [sample] = await open('labelme');
    expect(await sample?.segments?.()).toHaveLength(1);
    expect(sample?.notes).toEqual([
      expect.stringContaining("'point'"),
      expect.stringContaining("'linestrip'"),
    ]);
  });

  it('is found where labelme wrote it: beside, in a folder beside, in a folder given', async () => {
    write('images/a.jpg', await turned(1));
    write('labels/a.json', labelme({}, '../images/a.jpg'));
    expect((await open('labelme'))[0]?.path).toBe(join(root, 'images/a.jpg'));
    const records = { images: join(root, 'images') };
    const dataset = await openDataset('labelme', join(root, 'labels'), records);
    for await (const { path } of dataset.samples()) expect(path).toBe(join(root, 'images/a.jpg'));
    await expect(
      (async () => {
        for await (const _ of (await openDataset('labelme', join(root, 'labels'))).samples());
      })(),
    ).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMask, encodeMask, maskArea, type RleMask } from '@maskloom/core';
import { writePng } from '@maskloom/runtime';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataset } from '../open/open-dataset.js';
import { cocoFile, cocoResults } from './coco.js';
import { labelColour } from './colours.js';
import { fillEvenOdd } from './fill.test-helper.js';
import { maskForms } from './forms.js';
import { maskFeatures } from './geojson.js';
import { labelPicture, maskPicture } from './label-picture.js';
import { labelmeRecord } from './labelme.js';
import type { ExportImage, ExportResults } from './results.js';
import { saveMasks } from './save-masks.js';
import { maskSvg } from './svg.js';
import { yoloLines } from './yolo.js';

const WIDTH = 11;
const HEIGHT = 9;
const masks = fc
  .uint8Array({ min: 0, max: 1, minLength: WIDTH * HEIGHT, maxLength: WIDTH * HEIGHT })
  .map((pixels) => encodeMask(pixels, WIDTH, HEIGHT));
const image = (...all: readonly RleMask[]): ExportImage => ({
  path: 'photos/a.png',
  width: WIDTH,
  height: HEIGHT,
  segments: all.map((mask, i) => ({ label: i === 0 ? 'red mug' : `part <${i}>`, score: 1 - i / 8, mask })),
});
/** A mask from rows of text. */
function drawn(...rows: readonly string[]): RleMask {
  const pixels = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    rows[Math.floor(i / WIDTH)]?.[i % WIDTH] === '#' ? 1 : 0,
  );
  return encodeMask(pixels, WIDTH, HEIGHT);
}
const blob = drawn('', ' ####', ' ######', ' ######', '   ###', '  ##');
const ring = drawn('', ' ####', ' #  #', ' #  #', ' ####');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-export-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('pictures', () => {
  it('of one mask are white where it is set', async () => {
    const { data, info } = await sharp(await maskPicture(ring))
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(1);
    expect(Array.from(data, (value) => value / 255)).toEqual([...decodeMask(ring).pixels]);
  });

  it('of all masks hold their places as colour table entries, the best score on top', async () => {
    const full = drawn(...Array.from({ length: HEIGHT }, () => '#'.repeat(WIDTH)));
    const { png, legend } = await labelPicture({
      ...image(full, ring),
      segments: image(full, ring).segments.map((one, i) => ({ ...one, score: i === 0 ? 0.5 : 0.9 })),
    });
    expect(legend.segments).toEqual([
      { value: 1, label: 'red mug', score: 0.5, colour: '#800000', area: 99, hidden: 12 },
      { value: 2, label: 'part <1>', score: 0.9, colour: '#008000', area: 12, hidden: 0 },
    ]);
    const header = Buffer.from(png);
    expect(header[24 + 1]).toBe(3);
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    decodeMask(ring).pixels.forEach((bit, i) =>
      expect([...data.subarray(3 * i, 3 * i + 3)]).toEqual([...labelColour(bit === 1 ? 2 : 1)]),
    );
  });

  it("have PASCAL VOC's colours", () => {
    // VOClabelcolormap(256), rows 1 to 4, 16, 21 and 256.
    expect([0, 1, 2, 3, 15, 20, 255].map(labelColour)).toEqual([
      [0, 0, 0],
      [128, 0, 0],
      [0, 128, 0],
      [128, 128, 0],
      [192, 128, 128],
      [0, 64, 128],
      [224, 224, 192],
    ]);
  });
});

describe('outlines give the mask back', () => {
  it('of GeoJSON, whose rings are closed and follow the right-hand rule', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const [feature] = maskFeatures(image(mask)).features;
        const { geometry } = feature ?? { geometry: null };
        const parts =
          geometry === null
            ? []
            : geometry.type === 'Polygon'
              ? [geometry.coordinates]
              : geometry.coordinates;
        for (const rings of parts)
          rings.forEach((positions, i) => {
            expect(positions.at(-1)).toEqual(positions[0]);
            const area = positions.reduce((sum, [x, y], k) => {
              const [nx, ny] = positions[(k + 1) % positions.length] ?? [0, 0];
              return sum + x * ny - nx * y;
            }, 0);
            expect(Math.sign(area)).toBe(i === 0 ? 1 : -1);
          });
        const loops = parts.flat().map((positions) => positions.slice(0, -1).flat());
        expect(fillEvenOdd(loops, WIDTH, HEIGHT)).toEqual(decodeMask(mask).pixels);
        expect(feature?.properties.area).toBe(maskArea(mask));
      }),
    );
  });

  it('of YOLO, as one outline with bridges', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const [line] = yoloLines(image(mask), () => 7).split('\n');
        const [number, ...shares] = (line ?? '')
          .split(' ')
          .filter((word) => word !== '')
          .map(Number);
        expect(number).toBe(maskArea(mask) === 0 ? undefined : 7);
        expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
        const corners = shares.map((share, i) => Math.round(share * (i % 2 === 0 ? WIDTH : HEIGHT)));
        expect(fillEvenOdd([corners], WIDTH, HEIGHT)).toEqual(decodeMask(mask).pixels);
      }),
    );
  });

  it('of SVG, drawn by another renderer', async () => {
    const svg = maskSvg(image(blob, ring), (label) => (label === 'red mug' ? 1 : 2));
    expect(svg).toContain('part &lt;1&gt;');
    const opaque = svg.replace('fill-opacity="0.6"', 'shape-rendering="crispEdges"');
    for (const [i, mask] of [blob, ring].entries()) {
      const only = opaque
        .split('\n')
        .filter((line) => !line.startsWith('<path') || line.includes(i === 0 ? '"#800000"' : '"#008000"'));
      const { data } = await sharp(Buffer.from(only.join('\n')))
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(Array.from({ length: WIDTH * HEIGHT }, (_, at) => Number(data[4 * at + 3] === 255))).toEqual([
        ...decodeMask(mask).pixels,
      ]);
    }
  });
});

describe('labelme records', () => {
  it('are read back as they were: polygons where they are exact, else masks', async () => {
    await writePng(join(folder, 'a.png'), new Uint8Array(WIDTH * HEIGHT), { width: WIDTH, height: HEIGHT });
    const two = drawn('##', '##', '', '', '    ###', '     ###', '      ####');
    const record = await labelmeRecord(image(blob, two), 'a.png');
    expect(record.shapes.map(({ label, shape_type, group_id }) => [label, shape_type, group_id])).toEqual([
      ['red mug', 'polygon', null],
      ['part <1>', 'polygon', 1],
      ['part <1>', 'polygon', 1],
    ]);
    const results: ExportResults = {
      name: 'mine',
      images: [{ ...image(blob, two), path: join(folder, 'a.png') }],
    };
    const [file] = await saveMasks(folder, [results], ['labelme']);
    expect(JSON.parse(readFileSync(file ?? '', 'utf8'))).toEqual({ ...record, imagePath: '../../a.png' });
    // Beside its image, as the reader wants it.
    const beside = { ...record, imagePath: 'a.png' };
    writeFileSync(join(folder, 'a.json'), JSON.stringify(beside));
    const data = await openDataset('labelme', folder);
    for await (const { segments } of data.samples()) {
      const read = (await segments?.()) ?? [];
      expect(read.map((one) => [data.classes[one.classIndex]?.name, one.mask])).toEqual([
        ['red mug', blob],
        ['part <1>', two],
      ]);
    }
  });

  it('hold the pixels of a mask with a hole as a picture of its box', async () => {
    const [shape] = (await labelmeRecord(image(ring), 'a.png')).shapes;
    expect(shape).toMatchObject({
      shape_type: 'mask',
      points: [
        [1, 1],
        [4, 4],
      ],
    });
    const { data, info } = await sharp(Buffer.from(shape?.mask ?? '', 'base64'))
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([4, 4]);
    expect(Array.from(data).join('')).toBe('1111100110011111');
  });
});

describe('COCO results', () => {
  it('leave out empty masks and boxes, which pycocotools would take areas from', () => {
    const ids = { image: () => 3, category: (label: string) => (label === 'red mug' ? 1 : 2) };
    expect(cocoResults([image(blob, drawn())], ids)).toEqual([
      { image_id: 3, category_id: 1, segmentation: { size: [HEIGHT, WIDTH], counts: blob.counts }, score: 1 },
    ]);
    expect(cocoFile([image(blob)], ['red mug'], ids, true)).toEqual({
      images: [{ id: 3, file_name: 'a.png', width: WIDTH, height: HEIGHT }],
      categories: [{ id: 1, name: 'red mug' }],
      annotations: [
        {
          id: 1,
          image_id: 3,
          category_id: 1,
          segmentation: { size: [HEIGHT, WIDTH], counts: blob.counts },
          area: maskArea(blob),
          bbox: [1, 1, 6, 5],
          iscrowd: 0,
        },
      ],
    });
  });
});

describe('saveMasks', () => {
  it('names files safely, the same image alike for all, and leaves nothing beside', async () => {
    const hostile = {
      ...image(blob),
      path: '../../etc/pass wd.png',
      segments: [{ label: '../../x\u0000', score: 1, mask: blob }],
    };
    const results = ['read/full', '..'].map((name) => ({ name, images: [hostile, hostile] }));
    const written = await saveMasks(folder, results, ['masks', 'labels', 'svg', 'yolo', 'geojson', 'coco']);
    expect(written.map((path) => path.slice(folder.length + 1))).toEqual([
      ...['read-full', 'results'].flatMap((who) =>
        [1, 2].map((n) => `masks/${who}/pass-wd${n === 1 ? '' : '-2'}/1-x.png`),
      ),
      ...['read-full', 'results'].flatMap((who) =>
        ['pass-wd', 'pass-wd-2'].flatMap((name) => [
          `labels/${who}/${name}.png`,
          `labels/${who}/${name}.json`,
        ]),
      ),
      ...['read-full', 'results'].flatMap((who) =>
        ['pass-wd', 'pass-wd-2'].map((name) => `svg/${who}/${name}.svg`),
      ),
      ...['read-full', 'results'].flatMap((who) =>
        ['pass-wd', 'pass-wd-2'].map((name) => `yolo/${who}/${name}.txt`),
      ),
      'yolo/classes.txt',
      ...['read-full', 'results'].flatMap((who) =>
        ['pass-wd', 'pass-wd-2'].map((name) => `geojson/${who}/${name}.geojson`),
      ),
      'coco/read-full.json',
      'coco/results.json',
      'coco/images.json',
    ]);
  });

  it('refuses a mask of another size than its image, and more masks than a colour table holds', async () => {
    const wrong = { ...image(blob), width: 12 };
    await expect(saveMasks(folder, [{ name: 'x', images: [wrong] }], ['masks'])).rejects.toMatchObject({
      code: 'MASK_INVALID',
    });
    const many = image(...Array.from({ length: 256 }, () => blob));
    await expect(saveMasks(folder, [{ name: 'x', images: [many] }], ['labels'])).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      message: expect.stringContaining('256 masks'),
    });
    await expect(
      saveMasks('/dev/null/x', [{ name: 'x', images: [image(blob)] }], ['svg']),
    ).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
  });

  it('names the nearest form', () => {
    expect(maskForms(['svg', 'svg', 'coco'])).toEqual(['svg', 'coco']);
    expect(() => maskForms(['geo-json'])).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining("'geojson'") }),
    );
  });
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMask, maskArea, maskBox, type RleMask } from '@maskloom/core';
import { writePng } from '@maskloom/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPredictions } from '../output/read-predictions.js';
import type { PredictionRun } from '../output/predictions.js';
import { convertMasks } from './convert-masks.js';
import { readResults } from './read-results.js';

const WIDTH = 12;
const HEIGHT = 8;
const block = (left: number, right: number): RleMask =>
  encodeMask(
    Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => Number(i % WIDTH >= left && i % WIDTH < right)),
    WIDTH,
    HEIGHT,
  );

let folder: string;
let file: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-convert-'));
  for (const name of ['a.png', 'b.png'])
    await writePng(join(folder, name), new Uint8Array(WIDTH * HEIGHT), { width: WIDTH, height: HEIGHT });
  file = join(folder, 'predictions.json');
  const runs = ['a.png', 'b.png'].map((name, i) => run(join(folder, name), block(1 + i, 7)));
  writeFileSync(file, JSON.stringify({ schema: 'maskloom.predictions/2', runs, failures: [], skipped: [] }));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(path: string, mask: RleMask): PredictionRun {
  return {
    image: { path, width: WIDTH, height: HEIGHT, sha256: '00' },
    system: 'read',
    recipe: 'full',
    bundle: 'tiny',
    task: 'referring',
    text: 'mug',
    answer: '',
    segments: [
      {
        label: 'mug',
        score: 0.75,
        bbox: [...maskBox(mask)] as [number, number, number, number],
        area: maskArea(mask),
        segmentation: { size: [HEIGHT, WIDTH], counts: mask.counts },
      },
    ],
    stages: [],
    warnings: [],
  };
}

describe('predictions', () => {
  it('of version 1 load as those of version 2', async () => {
    const old = join(folder, 'old.json');
    const { runs } = await readPredictions(file);
    writeFileSync(old, JSON.stringify({ schema: 'maskloom.predictions/1', runs }));
    expect(await readPredictions(old)).toEqual({
      schema: 'maskloom.predictions/2',
      runs,
      failures: [],
      skipped: [],
    });
  });

  it.each([
    ['{"schema": "maskloom.predictions/3"}', 'DATA_INVALID', 'schema'],
    ['{', 'DATA_INVALID', 'not JSON'],
    ['{"shape": 1}', 'DATA_INVALID', 'not known what masks'],
    ['[]', 'OPTION_INVALID', '--coco'],
  ])('that are %s are refused by name', async (text, code, part) => {
    writeFileSync(file, text);
    await expect(readResults(file)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
    await expect(readResults(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
});

describe('convertMasks', () => {
  it('writes COCO results that read back as they were, with the ids of a COCO file', async () => {
    const coco = join(folder, 'instances.json');
    writeFileSync(
      coco,
      JSON.stringify({
        images: [
          { id: 40, file_name: 'b.png', width: WIDTH, height: HEIGHT },
          { id: 7, file_name: 'a.png', width: WIDTH, height: HEIGHT },
        ],
        categories: [
          { id: 3, name: 'jug' },
          { id: 90, name: 'mug' },
        ],
        annotations: [],
      }),
    );
    const out = join(folder, 'out');
    await convertMasks({ input: file, to: ['coco', 'yolo'], out, coco });
    const results = JSON.parse(readFileSync(join(out, 'coco/read-full.json'), 'utf8')) as object[];
    expect(results).toMatchObject([
      { image_id: 7, category_id: 90, score: 0.75 },
      { image_id: 40, category_id: 90, score: 0.75 },
    ]);
    expect(readFileSync(join(out, 'yolo/classes.txt'), 'utf8')).toBe('jug\nmug\n');
    expect(readFileSync(join(out, 'yolo/read-full/a.txt'), 'utf8')).toMatch(/^1 0\.083333 0 0\.583333 0 /);
    const back = await readResults(join(out, 'coco/read-full.json'), { coco, images: folder });
    const [before] = await readResults(file);
    const sorted = [...(back[0]?.images ?? [])].sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(sorted).toEqual(before?.images);
  });

  it('names the label that a COCO file does not have, and writes nothing of that form', async () => {
    const coco = join(folder, 'instances.json');
    writeFileSync(
      coco,
      JSON.stringify({
        images: [{ id: 1, file_name: 'a.png', width: WIDTH, height: HEIGHT }],
        categories: [{ id: 1, name: 'mugs' }],
        annotations: [],
      }),
    );
    const out = join(folder, 'out');
    await expect(convertMasks({ input: file, to: ['coco'], out, coco })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining("'mugs'"),
    });
    expect(readdirSync(folder)).not.toContain('out');
  });

  it('goes from predictions to labelme beside the images and back, and from annotations to predictions', async () => {
    const out = join(folder, 'out');
    const [first] = await convertMasks({ input: file, to: ['labelme', 'coco-annotations'], out });
    const record = JSON.parse(readFileSync(first ?? '', 'utf8')) as { imagePath: string };
    expect(record.imagePath).toBe('../../../a.png');
    const beside = join(folder, 'records');
    mkdirSync(beside);
    await writePng(join(beside, 'a.png'), new Uint8Array(WIDTH * HEIGHT), { width: WIDTH, height: HEIGHT });
    writeFileSync(join(beside, 'a.json'), JSON.stringify({ ...record, imagePath: 'a.png' }));
    writeFileSync(join(beside, 'broken.json'), '{}');
    const [labelme] = await readResults(join(beside, 'a.json'));
    expect(labelme?.images).toMatchObject([{ segments: [{ label: 'mug', mask: block(1, 7) }] }]);

    await convertMasks({
      input: join(out, 'coco-annotations/read-full.json'),
      to: ['predictions'],
      out,
      images: folder,
    });
    const { runs } = await readPredictions(join(out, 'predictions.json'));
    expect(runs.map(({ image, segments }) => [image.path, segments[0]?.segmentation.counts])).toEqual([
      [join(folder, 'a.png'), block(1, 7).counts],
      [join(folder, 'b.png'), block(2, 7).counts],
    ]);
  });
});

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMask } from '@maskloom/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeScene } from '@maskloom/synth';
import { writeSynth } from '@maskloom/synth';
import { checkDataset } from './check/check.js';
import { annotationMask, readCocoInstances } from './coco/coco.js';
import { readIndexPng, readPanopticPng } from './files/label-image.js';
import { readReasonSeg } from './reason/reason.js';
import { readRefs } from './refer/refer.js';
import { readReferring, syntheticReferring } from './refer/referring.js';

const root = mkdtempSync(join(tmpdir(), 'maskloom-data-'));
const good = join(root, 'good');
const SEED = 8_300_000;
const COUNT = 12;
const [WIDTH, HEIGHT] = [144, 96];

beforeAll(() => writeSynth({ out: good, count: COUNT, seed: SEED, width: WIDTH, height: HEIGHT }));
afterAll(() => rmSync(root, { recursive: true }));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe('a written data set', () => {
  it('holds the drawn pixels and labels in every picture', async () => {
    const index: Record<string, number> = {
      circle: 1,
      square: 2,
      triangle: 3,
      star: 4,
      ring: 5,
      cross: 6,
      diamond: 7,
      crescent: 8,
    };
    for (let seed = SEED; seed < SEED + COUNT; seed++) {
      const name = `0${seed}.png`;
      const scene = makeScene(seed, WIDTH, HEIGHT);
      const { data, info } = await sharp(join(good, 'images', name))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect([info.width, info.height, info.channels]).toEqual([WIDTH, HEIGHT, 3]);
      expect(Buffer.compare(data, Buffer.from(scene.rgb))).toBe(0);
      const panoptic = await readPanopticPng(join(good, 'panoptic', name));
      expect([...panoptic.labels]).toEqual([...scene.labels]);
      const ade = await readIndexPng(join(good, 'ade20k/annotations', name));
      const expected = [...scene.labels].map((id) =>
        id > 10 ? id - 2 : (index[scene.things.find((t) => t.id === id)?.shape ?? ''] ?? 0),
      );
      expect([...ade.labels]).toEqual(expected);
    }
  });

  it('lists the classes of its index pictures with their true shares', async () => {
    const [header, ...rows] = readFileSync(join(good, 'ade20k/objectInfo.csv'), 'utf8').trim().split('\n');
    expect(header).toBe('Idx,Ratio,Train,Val,Stuff,Name');
    expect(rows).toHaveLength(14);
    const pictures = await Promise.all(
      Array.from({ length: COUNT }, (_, i) =>
        readIndexPng(join(good, `ade20k/annotations/0${SEED + i}.png`)),
      ),
    );
    rows.forEach((row, i) => {
      const shown = pictures.map(({ labels }) => labels.filter((value) => value === i + 1).length);
      const share = shown.reduce((sum, n) => sum + n, 0) / (COUNT * WIDTH * HEIGHT);
      const scenes = shown.filter((n) => n > 0).length;
      expect(row.split(',').slice(0, 5)).toEqual([
        `${i + 1}`,
        share.toFixed(4),
        '0',
        `${scenes}`,
        i < 8 ? '0' : '1',
      ]);
    });
  });

  it('holds disjoint masks that cover every labelled pixel', async () => {
    const instances = await readCocoInstances(join(good, 'refer/instances.json'));
    expect(instances.images.size).toBe(COUNT);
    for (const image of instances.images.values()) {
      const scene = makeScene(image.id, WIDTH, HEIGHT);
      const owner = new Uint8Array(WIDTH * HEIGHT);
      let overlaps = 0;
      for (const annotation of instances.annotations.values()) {
        if (annotation.image_id !== image.id) continue;
        decodeMask(annotationMask(annotation, image, instances.file)).pixels.forEach((bit, p) => {
          if (bit === 0) return;
          if (owner[p] !== 0) overlaps++;
          owner[p] = annotation.id % 32;
        });
      }
      expect(overlaps).toBe(0);
      expect(owner).toEqual(scene.labels);
    }
  });

  it('is read back as queries with masks, and without masks for false premises', async () => {
    const images = await all(readReferring(syntheticReferring(good, 'fp'), 'val'));
    expect(images).toHaveLength(COUNT);
    const queries = images.flatMap((i) => i.queries);
    expect(queries.filter((q) => !q.present).length).toBeGreaterThan(COUNT);
    for (const { image, path, queries: asked } of images) {
      expect(existsSync(path)).toBe(true);
      for (const query of asked) {
        expect(query.mask === undefined).toBe(!query.present);
        if (query.mask) expect(query.mask.size).toEqual([image.height, image.width]);
        else expect(asked.some((other) => other.present && other.text === query.text)).toBe(false);
      }
    }
    expect(await all(readRefs(join(good, 'fp/refs.json'), 'train'))).toEqual([]);
  });

  it('has reasoning records with their pictures', async () => {
    const samples = await all(readReasonSeg(join(good, 'reason/val')));
    expect(samples.length).toBeGreaterThanOrEqual(COUNT);
    for (const { imagePath, texts, isSentence } of samples) {
      expect(statSync(imagePath).size).toBeGreaterThan(0);
      expect(texts.every((t) => t.endsWith('?') === isSentence)).toBe(true);
    }
  });

  it('passes its check', async () => {
    const report = await checkDataset(good);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      counts: { images: COUNT, captions: COUNT, 'panoptic pictures': COUNT },
    });
  });
});

describe('writing', () => {
  it('stops when asked and leaves nothing behind', async () => {
    const stop = new AbortController();
    const out = join(root, 'stopped');
    const run = writeSynth({
      out,
      count: 500,
      seed: 1,
      width: 64,
      height: 64,
      signal: stop.signal,
      onProgress: (done) => done >= 64 && stop.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
    expect(readdirSync(root).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });

  it('refuses a folder that holds something, a folder below a file, and numbers out of range', async () => {
    const options = { count: 1, seed: 1, width: 64, height: 64 };
    await expect(writeSynth({ ...options, out: good })).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    await expect(writeSynth({ ...options, out: join(good, 'synth.json/below') })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
    const out = join(root, 'never');
    for (const wrong of [
      { count: 0 },
      { count: 1.5 },
      { seed: -1 },
      { seed: 1e9 },
      { width: 8 },
      { height: NaN },
    ]) {
      await expect(writeSynth({ ...options, out, ...wrong })).rejects.toMatchObject({
        code: 'OPTION_INVALID',
      });
    }
    expect(existsSync(out)).toBe(false);
  });
});

describe('the check', () => {
  /** A copy of the good data set with one file changed. */
  function damaged(
    name: string,
    file: string,
    change: (text: string) => string | Uint8Array | undefined,
  ): string {
    const copy = join(root, name);
    cpSync(good, copy, { recursive: true });
    const changed = change(readFileSync(join(copy, file), 'latin1'));
    if (changed === undefined) rmSync(join(copy, file));
    else writeFileSync(join(copy, file), changed);
    return copy;
  }
  const image = `images/0${SEED}.png`;

  it.each<[string, string, (text: string) => string | Uint8Array | undefined, RegExp]>([
    ['a missing picture', image, () => undefined, /0?8300000\.png/],
    ['an empty picture', image, () => '', /8300000\.png/],
    [
      'a wrong area',
      'refer/instances.json',
      (t) => t.replace(/"area":\d+/, '"area":7'),
      /annotation \d+\.area/,
    ],
    [
      'a wrong box',
      'refer/instances.json',
      (t) => t.replace(/"bbox":\[\d+/, '"bbox":[3000'),
      /annotation \d+\.bbox/,
    ],
    [
      'a malformed mask',
      'refer/instances.json',
      (t) => t.replace(/"counts":"[^"]+"/, '"counts":"oooo"'),
      /annotation \d+\.segmentation/,
    ],
    [
      'a path out of the folder',
      'refer/instances.json',
      (t) => t.replace(/"file_name":"0/, '"file_name":"../../0'),
      /file_name/,
    ],
    [
      'a mask of another size',
      'refer/instances.json',
      (t) => t.replace(/"width":144/, '"width":145'),
      /instances\.json|png/,
    ],
    [
      'a wrong type',
      'annotations/instances.json',
      (t) => t.replace(/"category_id":(\d+)/, '"category_id":"x"'),
      /annotations\[0\]\.category_id/,
    ],
    [
      'an unknown image',
      'annotations/instances.json',
      (t) => t.replace(/"image_id":\d+/, '"image_id":4'),
      /annotations\[0\]\.image_id/,
    ],
    ['a cut-off file', 'fp/refs.json', (t) => t.slice(0, t.length / 2), /fp\/refs\.json/],
    [
      'an unknown annotation',
      'refer/refs.json',
      (t) => t.replace(/"ann_id":\d+/, '"ann_id":5'),
      /ref \d+\.ann_id/,
    ],
    [
      'a changed outline',
      `reason/val/0${SEED}_0.json`,
      (t) => t.replace(/"points":\[\[\d+,\d+\]/, '"points":[[0,0]'),
      /shapes/,
    ],
    [
      'other panoptic areas',
      'annotations/panoptic.json',
      (t) => t.replace(/"area":\d+/, '"area":1'),
      /segment/,
    ],
    ['a wrong count', 'synth.json', (t) => t.replace(/"count": 12/, '"count": 13'), /count/],
    ['captions that are no list', 'captions.json', () => '{}', /captions\.json/],
  ])('finds %s', async (name, file, change, where) => {
    const text = readFileSync(join(good, file), 'latin1');
    expect(change(text)).not.toBe(text);
    const report = await checkDataset(damaged(name.replaceAll(' ', '-'), file, change));
    expect(report.ok).toBe(false);
    expect(
      report.problems.some((p) => where.test(p.where)),
      JSON.stringify(report.problems),
    ).toBe(true);
  });

  it('finds a false premise that is a true expression of the same image', async () => {
    const records = JSON.parse(readFileSync(join(good, 'fp/refs.json'), 'utf8')) as {
      sentences: { sent: string; is_false_premise: boolean; gt_sent: string }[];
    }[];
    const lie = records.flatMap((r) => r.sentences).find((s) => s.is_false_premise);
    if (lie) lie.sent = lie.gt_sent;
    const report = await checkDataset(damaged('twin', 'fp/refs.json', () => JSON.stringify(records)));
    expect(report.problems[0]?.message).toMatch(/marked false, and true elsewhere/);
  });

  it('stops at its limit, when aborted, and where there is no data', async () => {
    const copy = damaged('many', 'refer/instances.json', (t) => t.replaceAll(/"area":\d+/g, '"area":7'));
    expect((await checkDataset(copy, { limit: 3 })).problems).toHaveLength(3);
    await expect(checkDataset(good, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    mkdirSync(join(root, 'nothing'));
    await expect(checkDataset(join(root, 'nothing'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSynth } from '@maskloom/synth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataImages } from './data-images.js';

let folder: string;
const { signal } = new AbortController();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-data-images-'));
  await writeSynth({ out: join(folder, 'scenes'), count: 3, seed: 71, width: 64, height: 64 });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('dataImages', () => {
  it('gives every picture with the segments that are in it, by their names', async () => {
    const data = { folder: join(folder, 'scenes'), format: 'coco-instances' };
    const { images, skipped } = await dataImages(data, signal);
    expect(skipped).toEqual([]);
    expect(images.map(({ task }) => task)).toEqual(['free', 'free', 'free']);
    const coco = JSON.parse(readFileSync(join(folder, 'scenes/annotations/instances.json'), 'utf8')) as {
      readonly annotations: readonly { readonly area: number; readonly iscrowd: number }[];
    };
    const areas = images.flatMap(({ truth }) => truth?.segments.map(({ area }) => area) ?? []);
    const listed = coco.annotations.filter(({ iscrowd }) => iscrowd === 0).map(({ area }) => area);
    expect([...areas].sort()).toEqual([...listed].sort());
  });

  it('gives the questions of a referring data set one by one, of the first pictures only', async () => {
    const data = { folder: join(folder, 'scenes'), format: 'refcoco', limit: 1 };
    const { images } = await dataImages(data, signal);
    expect(new Set(images.map(({ path }) => path)).size).toBe(1);
    expect(images.every(({ task, text = '' }) => task === 'referring' && text !== '')).toBe(true);
    expect(images.every(({ truth }) => truth?.segments.length === 1)).toBe(true);
  });

  it('asks a semantic data set for its classes', async () => {
    const data = { folder: join(folder, 'scenes'), format: 'ade20k-150', limit: 1 };
    const [image] = (await dataImages(data, signal)).images;
    expect(image?.task).toBe('semantic');
    for (const { label } of image?.truth?.segments ?? []) expect(image?.labels).toContain(label);
  });

  it('leaves out and names a record that cannot be read; strict refuses it', async () => {
    const file = join(folder, 'scenes/annotations/instances.json');
    const text = readFileSync(file, 'utf8');
    const coco = JSON.parse(text) as { images: { width: unknown }[] };
    (coco.images[1] as { width: unknown }).width = 'wide';
    writeFileSync(file, JSON.stringify(coco));
    const data = { folder: join(folder, 'scenes'), format: 'coco-instances' };
    try {
      const { images, skipped } = await dataImages(data, signal);
      expect(images).toHaveLength(2);
      expect(skipped.map(({ path, reason }) => path + reason).join()).toMatch(/images\[1\].*DATA_INVALID/);
      await expect(dataImages({ ...data, strict: true }, signal)).rejects.toMatchObject({
        code: 'DATA_INVALID',
      });
    } finally {
      writeFileSync(file, text);
    }
  });
});

// Extracts of real data sets, read in place. `MASKLOOM_SAMPLES` says where they are; a folder that is not there is not run.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { decodeMask, maskArea, maskBox } from '@maskloom/core';
import { checkFormat, openDataset, UNLABELLED, type Dataset, type DatasetSample } from '@maskloom/data';
import { loadImage } from '@maskloom/runtime';
import { describe, expect, it } from 'vitest';

interface Area {
  readonly category: string;
  readonly area: number;
}
interface Picture {
  readonly size: readonly [number, number];
}
/** What training/golden/make_samples_golden.py found with pycocotools, Pillow and OpenCV. */
interface Golden {
  readonly instances: {
    readonly classes: number;
    readonly images: number;
    readonly annotations: readonly (Area & {
      readonly id: number;
      readonly bbox: readonly number[];
      readonly sha256: string;
    })[];
  };
  readonly panoptic: {
    readonly classes: number;
    readonly segments: readonly (Area & { readonly id: number })[];
    readonly void: number;
  };
  readonly ade20k: {
    readonly classes: number;
    readonly pictures: Readonly<
      Record<string, Picture & { readonly pixels: Readonly<Record<string, number>> }>
    >;
  };
  readonly labelme: Readonly<
    Record<
      string,
      Picture & {
        readonly shapes: number;
        readonly segments: readonly { readonly label: string; readonly area: number }[];
      }
    >
  >;
  readonly photos: Readonly<Record<string, Picture & { readonly mean: readonly number[] }>>;
}

const HERE = import.meta.dirname;
const SAMPLES = resolve(process.env['MASKLOOM_SAMPLES'] ?? join(HERE, '../../../shared/data/samples'));
const golden = JSON.parse(readFileSync(join(HERE, 'golden/samples.json'), 'utf8')) as Golden;

/** A folder of the samples; its tests are named as not run where it is absent. */
function samples(folder: string, tests: (place: string) => void): void {
  const place = join(SAMPLES, folder);
  const absent = !existsSync(place);
  describe.skipIf(absent)(
    absent ? `sample data ${folder}: not run, the folder is absent` : `sample data ${folder}`,
    () => tests(place),
  );
}

async function all(data: Dataset): Promise<readonly DatasetSample[]> {
  const found: DatasetSample[] = [];
  for await (const sample of data.samples()) found.push(sample);
  return found;
}

async function only(data: Dataset): Promise<DatasetSample> {
  const found = await all(data);
  expect(found).toHaveLength(1);
  return found[0] as DatasetSample;
}

const nameOf = ({ classes }: Dataset, index: number): string => classes[index]?.name ?? 'unlabelled';

/** Pixels of each class by its name. */
async function histogram(data: Dataset, sample: DatasetSample): Promise<Record<string, number>> {
  const { width, height, labels } = await (sample.labels as NonNullable<DatasetSample['labels']>)();
  expect([width, height]).toEqual([sample.width, sample.height]);
  expect(labels).toHaveLength(width * height);
  const counts: Record<string, number> = {};
  for (const label of labels) {
    const name = label === UNLABELLED ? 'unlabelled' : nameOf(data, label);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

samples('coco-panoptic', (place) => {
  it('instances: every mask is that of pycocotools to the pixel', async () => {
    const data = await openDataset('coco-instances', place);
    const { classes, images, annotations } = golden.instances;
    expect(data.classes).toHaveLength(classes);
    expect(images).toBe(1);
    const sample = await only(data);
    expect(basename(sample.path)).toBe('000000142238.jpg');
    expect([sample.id, sample.width, sample.height]).toEqual(['142238', 640, 427]);
    const segments = (await sample.segments?.()) ?? [];
    expect(segments.filter(({ crowd }) => crowd)).toHaveLength(1);
    const found = segments.map(({ id, classIndex, mask, area, bbox, source }) => {
      expect(source).toBe('rle');
      // What the file states is what the mask has.
      expect([area, ...bbox]).toEqual([maskArea(mask), ...maskBox(mask)]);
      const sha256 = createHash('sha256').update(decodeMask(mask).pixels).digest('hex');
      return { id, category: nameOf(data, classIndex), area, bbox: [...bbox], sha256 };
    });
    expect(found).toEqual(annotations);
  });

  it('panoptic: segments and label map have the areas counted in the picture', async () => {
    const data = await openDataset('coco-panoptic', place);
    expect(data.classes).toHaveLength(golden.panoptic.classes);
    expect(data.classes.filter(({ thing }) => thing === true)).toHaveLength(80);
    const sample = await only(data);
    const segments = (await sample.segments?.()) ?? [];
    const found = segments.map(({ id, classIndex, mask, area }) => {
      expect(area).toBe(maskArea(mask));
      return { id, category: nameOf(data, classIndex), area };
    });
    expect(found).toEqual(golden.panoptic.segments);
    const byClass: Record<string, number> = { unlabelled: golden.panoptic.void };
    for (const { category, area } of golden.panoptic.segments)
      byClass[category] = (byClass[category] ?? 0) + area;
    expect(await histogram(data, sample)).toEqual(byClass);
  });

  it.each(['coco-instances', 'coco-panoptic'])('%s: a check finds it in order', async (format) => {
    expect(await checkFormat(format, place)).toMatchObject({ ok: true, problems: [] });
  });
});

samples('ade20k', (place) => {
  it('label maps have the pixels of every class', async () => {
    const data = await openDataset('ade20k-150', place);
    expect(data.classes).toHaveLength(golden.ade20k.classes);
    expect(nameOf(data, 0)).toBe('wall');
    const found: Record<string, unknown> = {};
    for (const sample of await all(data))
      found[sample.id] = { size: [sample.width, sample.height], pixels: await histogram(data, sample) };
    expect(found).toEqual(golden.ade20k.pictures);
  });

  it('a check finds it in order', async () => {
    expect(await checkFormat('ade20k-150', place)).toMatchObject({ ok: true, problems: [] });
  });
});

samples('labelme', (place) => {
  it('shapes of one group are one segment, filled as OpenCV fills them to the pixel', async () => {
    const data = await openDataset('labelme', place);
    expect(data.classes.map(({ name }) => name)).toEqual(['bottle', 'chair', 'person', 'sofa']);
    const found = await Promise.all(
      (await all(data)).map(async (sample) => {
        const segments = (await sample.segments?.()) ?? [];
        const size = [sample.width, sample.height];
        const areas = segments.map(({ classIndex, area }) => ({ label: nameOf(data, classIndex), area }));
        return [sample.id, { size, segments: areas }];
      }),
    );
    const wanted = Object.entries(golden.labelme).map(([id, { size, segments }]) => [
      id,
      { size, segments: segments.filter(({ label }) => label !== '__ignore__') },
    ]);
    expect(found).toEqual(wanted);
  });

  it('a check finds it in order', async () => {
    expect(await checkFormat('labelme', place)).toMatchObject({ ok: true, problems: [] });
  });
});

samples('photos', (place) => {
  it('photographs are decoded at their size and in their colours', async () => {
    const names = readdirSync(place).sort();
    expect(names).toEqual(Object.keys(golden.photos));
    for (const name of names) {
      const { width, height, rgb } = await loadImage(join(place, name));
      const { size, mean } = golden.photos[name] as Golden['photos'][string];
      expect([width, height]).toEqual(size);
      const sums = [0, 0, 0];
      for (let i = 0; i < rgb.length; i++) sums[i % 3] = (sums[i % 3] as number) + (rgb[i] as number);
      // Decoders of JPEG may differ by a step here and there.
      sums.forEach((sum, i) => expect(sum / (width * height)).toBeCloseTo(mean[i] as number, 1));
    }
  });
});

import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMask, maskArea, type RleMask } from '@maskloom/core';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSynth } from '@maskloom/synth';
import { UNLABELLED, type Dataset, type DatasetQuery, type DatasetSample } from './dataset.js';
import { formats, openDataset } from './open-dataset.js';
import { HEIGHT, TINY, WIDTH } from './tiny-datasets.test-helper.js';
import { Files, photo } from './tiny-files.test-helper.js';

const root = mkdtempSync(join(tmpdir(), 'maskloom-formats-'));
afterAll(() => rmSync(root, { recursive: true }));

function built(name: string, copy = name): { dir: string; open: (more?: object) => Promise<Dataset> } {
  const tiny = TINY.find((one) => one.name === name);
  if (tiny === undefined) throw new Error(name);
  const dir = join(root, copy);
  tiny.build(new Files(dir));
  return { dir, open: (more) => openDataset(tiny.format, dir, { ...tiny.options, ...more }) };
}

async function all(data: Dataset): Promise<DatasetSample[]> {
  const samples: DatasetSample[] = [];
  for await (const sample of data.samples()) samples.push(sample);
  return samples;
}

/** Rows of a mask or label map as text: `.` for nothing. */
function rows(values: ArrayLike<number>, width: number, show: (value: number) => string): string[] {
  const text = Array.from({ length: values.length }, (_, p) => show(values[p] as number));
  return Array.from({ length: values.length / width }, (_, y) =>
    text.slice(y * width, (y + 1) * width).join(''),
  );
}
const drawn = (mask: RleMask | undefined): string[] =>
  mask === undefined ? [] : rows(decodeMask(mask).pixels, mask.size[1], (v) => (v === 1 ? '#' : '.'));

async function labelRow(sample: DatasetSample | undefined): Promise<string> {
  const map = await sample?.labels?.();
  expect(map).toMatchObject({ width: WIDTH, height: HEIGHT });
  const [first] = rows(map?.labels ?? [], WIDTH, (v) => (v === UNLABELLED ? '.' : `${v} `));
  return (first ?? '').trim();
}

describe('a limit of pixels', () => {
  it.each(['COCO instances', 'COCO panoptic', 'labelme'])(
    'leaves out what is larger in %s, with its size',
    async (name) => {
      const tiny = built(name, `${name} limited`);
      const problems: string[] = [];
      const onProblem = ({ code, message }: Error & { code: string }): void =>
        void problems.push(`${code} ${message}`);
      expect(await all(await tiny.open({ maxPixels: WIDTH * HEIGHT, onProblem }))).not.toEqual([]);
      expect(problems).toEqual([]);
      expect(await all(await tiny.open({ maxPixels: WIDTH * HEIGHT - 1, onProblem }))).toEqual([]);
      expect(problems[0]).toContain(
        `IMAGE_TOO_LARGE The picture has ${WIDTH} x ${HEIGHT} pixels; at most ${WIDTH * HEIGHT - 1}`,
      );
      await expect(tiny.open({ maxPixels: 1 }).then(all)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    },
  );
});

describe('segments', () => {
  it.each(['COCO instances', 'PACO-LVIS', 'PASCAL-Part'])(
    'of %s have class, mask and crowd',
    async (name) => {
      const data = await built(name).open();
      const samples = await all(data);
      expect(samples.map(({ id, width, height }) => [id, width, height])).toEqual([
        ['1', WIDTH, HEIGHT],
        ['2', WIDTH, HEIGHT],
      ]);
      for (const { path } of samples) expect(readFileSync(path)).toEqual(photo(WIDTH, HEIGHT));
      const segments = await samples[1]?.segments?.();
      expect(segments?.map((s) => [s.id, s.classIndex, s.crowd, s.source])).toEqual([
        [11, 0, false, 'polygons'],
        [12, 1, true, 'rle'],
      ]);
      expect(drawn(segments?.[0]?.mask)).toEqual(['......', '.###..', '.###..', '......']);
      expect(drawn(segments?.[1]?.mask)).toEqual(['.#....', '.#....', '.#....', '.#....']);
    },
  );

  it('of parts name object and part', async () => {
    expect((await built('PACO-LVIS').open()).classes).toEqual([
      { id: 7, name: 'trash_can', object: 'trash can' },
      { id: 9, name: 'mouse_(computer_equipment):scroll_wheel', object: 'mouse', part: 'scroll wheel' },
    ]);
  });

  it('of panoptic pictures come with their label map', async () => {
    const data = await built('COCO panoptic').open();
    expect(data.classes).toEqual([
      { id: 7, name: 'cat', thing: true },
      { id: 9, name: 'grass', thing: false },
    ]);
    const [sample] = await all(data);
    const segments = await sample?.segments?.();
    expect(segments?.map(({ id, classIndex, mask }) => [id, classIndex, drawn(mask)[0]])).toEqual([
      [70000, 0, '###...'],
      [300, 1, '...###'],
    ]);
    expect(await labelRow(sample)).toBe('0 0 0 1 1 1');
  });

  it('of labelme join the shapes of a group and leave ignored ones out', async () => {
    const data = await built('labelme').open();
    expect(data.classes.map(({ name }) => name)).toEqual(['cat', 'sofa']);
    const segments = await (await all(data))[0]?.segments?.();
    expect(segments?.map(({ classIndex, area, bbox }) => [classIndex, area, bbox])).toEqual([
      [1, 10, [0, 0, 6, 4]],
      [0, 4, [2, 0, 1, 4]],
    ]);
    expect(drawn(segments?.[0]?.mask)).toEqual(['##....', '##....', '...###', '...###']);
  });
});

describe('label maps', () => {
  it.each([
    ['COCO-Stuff', 171, '170 170 170 ...', 'wood'],
    ['ADE20K-150', 2, '1 1 1 ...', 'building, edifice'],
    ['ADE20K-847 as released', 847, '0 0 0 ...', 'object 2978'],
    ['PASCAL VOC', 21, '20 20 20 19 19 19', 'background'],
    ['PASCAL-Context 59 as released', 59, '58 58 58 ...', 'wood'],
    ['PASCAL-Context 59 merged', 59, '0 0 0 ...', 'aeroplane'],
    ['PASCAL-Context 459', 459, '458 458 458 ...', 'name 459'],
    ['Mapillary Vistas 2.0', 2, '1 1 1 0 0 0', 'curb cut'],
  ])('of %s are class indices', async (name, count, row, className) => {
    const data = await built(name).open();
    expect(data.classes).toHaveLength(count);
    const samples = await all(data);
    expect(samples).toHaveLength(1);
    expect(await labelRow(samples[0])).toBe(row);
    expect(data.classes[Number(row.split(' ')[0])]?.name).toBe(className);
  });

  it('leave the background of VOC out unless it is asked for', async () => {
    const { dir } = built('PASCAL VOC');
    const data = await openDataset('voc-20', dir);
    expect(data.classes).toHaveLength(20);
    expect(await labelRow((await all(data))[0])).toBe('...19 19 19');
  });

  it('of classes that the format does not have are refused with pixel and file', async () => {
    const { dir, open } = built('ADE20K-150', 'ade-wrong');
    writeFileSync(join(dir, 'objectInfo150.txt'), 'Idx\tName\n1\twall\n');
    const [sample] = await all(await open());
    await expect(sample?.labels?.()).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('value 2 at column 0, row 0') as string,
      where: expect.stringContaining('annotations/validation/a.png') as string,
    });
  });

  it('of another size than their image are refused', async () => {
    const { dir, open } = built('COCO-Stuff', 'stuff-size');
    new Files(dir).write('images/val2017/a.jpg', photo(WIDTH + 1, HEIGHT));
    const [sample] = await all(await open());
    await expect(sample?.labels?.()).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});

describe('queries', () => {
  const facts = (queries: readonly DatasetQuery[] | undefined): unknown[] | undefined =>
    queries?.map(({ text, present, annIds, mask }) => [text, present, annIds, mask && maskArea(mask)]);

  it('of RefCOCO are those of the split, image by image', async () => {
    const data = await built('RefCOCO').open();
    expect(data.split).toBe('val');
    const samples = await all(data);
    expect(samples.map(({ id }) => id)).toEqual(['1']);
    const queries = await samples[0]?.queries?.();
    expect(facts(queries)).toEqual([
      ['the cat', true, [1], 6],
      ['cat on grass', true, [1], 6],
      ['grass', true, [2], 4],
    ]);
    expect(queries?.map(({ id }) => id)).toEqual(['5/50', '5/51', '7/70']);
  });

  it('of refCLEF are found by who split it', async () => {
    const { open } = built('refCLEF');
    const [sample] = await all(await open());
    expect(facts(await sample?.queries?.())).toEqual([['the grass', true, [12], 4]]);
    await expect(open({ splitBy: 'unc' })).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      message: expect.stringContaining('Valid: berkeley') as string,
    });
    await expect(open({ split: 'testC' })).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      message: expect.stringContaining('Valid: val, testA') as string,
    });
  });

  it('of gRefCOCO have several targets, joined, or none', async () => {
    const [sample] = await all(await built('gRefCOCO').open());
    const queries = await sample?.queries?.();
    expect(facts(queries)).toEqual([
      ['everything', true, [1, 2], 8],
      ['the dog', false, [], undefined],
    ]);
    expect(queries?.[0]?.parts.map((part) => maskArea(part))).toEqual([6, 4]);
  });

  it.each(['FP-RefCOCO', 'R-RefCOCO'])('of %s know false premises', async (name) => {
    const [sample] = await all(await built(name).open());
    const queries = await sample?.queries?.();
    expect(facts(queries)).toEqual([
      ['the cat', true, [1], 6],
      ['the dog', false, [], undefined],
    ]);
    expect(queries?.[1]?.truth).toBe(name === 'FP-RefCOCO' ? 'the cat' : undefined);
  });

  it('of ReasonSeg have wordings, ignored pixels, false premises, and a note where there is no outline', async () => {
    const { open } = built('ReasonSeg');
    const [first, second] = await all(await open());
    const queries = await first?.queries?.();
    expect(queries?.map(({ id, text, present, answer }) => [id, text, present, answer])).toEqual([
      ['a', 'what could purr?', true, undefined],
      ['a#false0', 'what could bark?', false, 'Nothing here barks.'],
    ]);
    expect(drawn(queries?.[0]?.mask)).toEqual(['###...', '###...', '###...', '......']);
    expect(drawn(queries?.[0]?.ignore)).toEqual(['......', '......', '......', '.....#']);
    expect(second?.notes?.[0]).toMatch(/b\.json: it has no outline/);
    expect(facts(await second?.queries?.())).toEqual([['grass', true, [], 0]]);
    expect((await all(await open({ length: 'short' }))).map(({ id }) => id)).toEqual(['b']);
    expect((await all(await open({ length: 'long' }))).map(({ id }) => id)).toEqual(['a']);
  });
});

describe('opening', () => {
  it('knows every format that it lists, and names the nearest', async () => {
    const ids = formats().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      await expect(openDataset(id, join(root, 'nowhere')), id).rejects.toMatchObject({
        code: expect.stringMatching(/^DATA_/) as string,
      });
    }
    await expect(openDataset('refcocoo', root)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining("Did you mean 'refcoco'?") as string,
    });
  });

  it.each(TINY.map((tiny) => [tiny.name, tiny] as const))(
    '%s refuses a split that leaves the folder',
    async (_, tiny) => {
      const dir = join(root, 'split', tiny.name);
      tiny.build(new Files(dir));
      if (tiny.format === 'labelme') return;
      await expect(openDataset(tiny.format, dir, { ...tiny.options, split: '../val' })).rejects.toMatchObject(
        {
          code: 'DATA_NOT_FOUND',
        },
      );
    },
  );

  it('throws at the first wrong record, or reports each and goes on', async () => {
    const { dir, open } = built('COCO instances', 'coco-wrong');
    const file = join(dir, 'annotations/instances_val2017.json');
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replace('"id":1,"image_id":1', '"id":1,"image_id":99')
        .replace('"b.jpg"', '"../b.jpg"'),
    );
    await expect(open()).rejects.toMatchObject({ where: `${file}: annotations[0].image_id` });
    const problems: (string | undefined)[] = [];
    const data = await open({ onProblem: (error: { where?: string }) => problems.push(error.where) });
    const samples = await all(data);
    expect(samples.map(({ id }) => id)).toEqual(['1']);
    expect((await samples[0]?.segments?.())?.map(({ id }) => id)).toEqual([2]);
    expect(problems).toEqual([`${file}: annotations[0].image_id`, `${file}: image 2.file_name`]);
  });

  it('names a missing image', async () => {
    const { dir, open } = built('PASCAL VOC', 'voc-missing');
    unlinkSync(join(dir, 'VOCdevkit/VOC2012/JPEGImages/a.jpg'));
    await expect(all(await open())).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      where: expect.stringContaining('JPEGImages/a.jpg') as string,
    });
  });

  it('stops when asked', async () => {
    const { open } = built('RefCOCO', 'ref-stop');
    await expect(open({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    const stop = new AbortController();
    const data = await open({ signal: stop.signal });
    stop.abort();
    await expect(all(data)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('reads what the synthetic world writes, in each of its forms', async () => {
    const dir = join(root, 'synth');
    await writeSynth({ out: dir, count: 3, seed: 8_100_000, width: 96, height: 80 });
    for (const { id, kind } of formats().filter(({ synthetic }) => synthetic)) {
      const data = await openDataset(id, dir);
      const samples = await all(data);
      if (kind !== 'reasoning') expect(samples, id).toHaveLength(3);
      for (const sample of samples) {
        expect([sample.width, sample.height], id).toEqual([96, 80]);
        for (const segment of (await sample.segments?.()) ?? [])
          expect(maskArea(segment.mask), `${id} ${segment.id}`).toBe(segment.area);
        const labels = (await sample.labels?.())?.labels ?? [];
        expect(Math.max(0, ...[...labels].filter((v) => v !== UNLABELLED))).toBeLessThan(
          Math.max(1, data.classes.length),
        );
        for (const query of (await sample.queries?.()) ?? [])
          expect(query.mask !== undefined, query.id).toBe(query.present);
      }
    }
  });
});

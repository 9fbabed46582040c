import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maskArea } from '@maskloom/core';
import { afterAll, describe, expect, it } from 'vitest';
import { annotationMask, readCocoInstances, type CocoAnnotation, type CocoImage } from './coco/coco.js';
import { inside } from './files/inside.js';
import { readReasonSeg } from './reason/reason.js';
import { drawReasonShapes } from './reason/reason-mask.js';
import { readRefs } from './refer/refer.js';

const root = mkdtempSync(join(tmpdir(), 'maskloom-readers-'));
afterAll(() => rmSync(root, { recursive: true }));

function write(name: string, value: unknown): string {
  const path = join(root, name);
  writeFileSync(
    path,
    typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value),
  );
  return path;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe('COCO segmentations', () => {
  const image: CocoImage = { id: 1, file_name: 'a.png', width: 10, height: 8 };
  const annotation = (segmentation: CocoAnnotation['segmentation']): CocoAnnotation => ({
    id: 5,
    image_id: 1,
    category_id: 1,
    bbox: [0, 0, 1, 1],
    area: 1,
    segmentation,
  });
  const square = [2, 2, 6, 2, 6, 6, 2, 6];

  it('are read in every form, overlapping polygons joined', () => {
    const runs = [18, 4, 4, 4, 4, 4, 4, 4, 34];
    const both = annotationMask(annotation([square, [4, 2, 8, 2, 8, 6, 4, 6]]), image, 'f');
    expect(maskArea(both)).toBe(24);
    const whole = annotationMask(annotation([square]), image, 'f');
    expect(annotationMask(annotation({ size: [8, 10], counts: runs }), image, 'f')).toEqual(whole);
    expect(annotationMask(annotation([{ size: [8, 10], counts: whole.counts }]), image, 'f')).toEqual(whole);
    expect(maskArea(annotationMask(annotation([]), image, 'f'))).toBe(0);
  });

  it.each([
    ['of another size', { size: [10, 8] as [number, number], counts: [80] }],
    ['with runs that fall short', { size: [8, 10] as [number, number], counts: [8, 2] }],
    ['with runs that overflow', { size: [8, 10] as [number, number], counts: [80, 2 ** 32] }],
    ['with a broken string', { size: [8, 10] as [number, number], counts: '\u0001' }],
  ])('are refused when they are %s', (_, segmentation) => {
    expect(() => annotationMask(annotation(segmentation), image, 'file.json')).toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        where: 'file.json: annotation 5.segmentation',
      }) as Error,
    );
  });

  it('come with unique ids and known images and categories', async () => {
    const good = { images: [image], categories: [{ id: 1, name: 'x' }], annotations: [annotation([square])] };
    expect((await readCocoInstances(write('good.json', good))).annotations.get(5)?.area).toBe(1);
    expect((await readCocoInstances(write('good.json', good), () => false)).annotations.size).toBe(0);
    const cases: [string, object, RegExp][] = [
      ['image twice', { ...good, images: [image, image] }, /images\[1\]\.id/],
      [
        'annotation twice',
        { ...good, annotations: [...good.annotations, ...good.annotations] },
        /annotations\[1\]\.id/,
      ],
      ['no category', { ...good, categories: [] }, /annotations\[0\]\.category_id/],
      [
        'id of words',
        { ...good, annotations: [{ ...good.annotations[0], id: 'five' }] },
        /annotations\[0\]\.id/,
      ],
      ['huge image', { ...good, images: [{ ...image, width: 1e9 }] }, /images\[0\]\.width/],
    ];
    for (const [name, value, where] of cases) {
      await expect(readCocoInstances(write('bad.json', value)), name).rejects.toMatchObject({
        code: 'DATA_INVALID',
        where: expect.stringMatching(where) as string,
      });
    }
  });
});

describe('refs', () => {
  const ref = (id: number, split: string, sentence: object = {}): object => ({
    ref_id: id,
    ann_id: id,
    image_id: 1,
    category_id: 1,
    split,
    file_name: 'ignored',
    sentences: [{ sent_id: id, sent: 'the cat', ...sentence }],
  });

  it('follow the split rule of the REFER API', async () => {
    const file = write('refs.json', [
      ref(1, 'train'),
      ref(2, 'testA'),
      ref(3, 'testB'),
      ref(4, 'testAB'),
      ref(5, 'val'),
    ]);
    const ids = async (split?: string): Promise<number[]> =>
      (await all(readRefs(file, split))).map((r) => r.refId);
    expect(await ids()).toEqual([1, 2, 3, 4, 5]);
    expect(await ids('train')).toEqual([1]);
    expect(await ids('testA')).toEqual([2, 4]);
    expect(await ids('testB')).toEqual([3, 4]);
    expect(await ids('test')).toEqual([2, 3, 4]);
  });

  it('know false premises of both kinds', async () => {
    const file = write('fp.json', [
      ref(1, 'val', { is_false_premise: true, gt_sent: 'the dog' }),
      ref(2, 'val', { is_false_premise: false }),
      ref(3, 'val', { exist: false }),
      ref(4, 'val', { exist: true }),
      ref(5, 'val'),
    ]);
    const sentences = (await all(readRefs(file))).flatMap((r) => r.sentences);
    expect(sentences.map((s) => s.present)).toEqual([false, true, false, true, true]);
    expect(sentences[0]?.truth).toBe('the dog');
  });

  it('are refused when an id occurs twice; sentences without words are counted and left out', async () => {
    await expect(all(readRefs(write('r.json', [ref(1, 'val'), ref(1, 'val')])))).rejects.toThrow(/ref_id/);
    await expect(all(readRefs(write('r.json', [ref(1, 'val', { sent: 7 })])))).rejects.toThrow(
      /\[0\]\.sentences\[0\]\.sent/,
    );
    const [wordless] = await all(readRefs(write('r.json', [ref(1, 'val', { sent: ' ' })])));
    expect(wordless).toMatchObject({ wordless: 1, sentences: [] });
  });
});

describe('ReasonSeg', () => {
  const folder = join(root, 'reason');
  mkdirSync(folder);
  const record = {
    text: ['what is it?'],
    is_sentence: true,
    shapes: [
      {
        label: 'target',
        points: [
          [0, 0],
          [3, 0],
          [3, 3],
        ],
      },
    ],
  };

  it('is read in the order of names, in UTF-8 or cp1252', async () => {
    writeFileSync(join(folder, 'b.json'), JSON.stringify({ ...record, text: ['naïve'] }));
    const latin = Buffer.from(JSON.stringify({ ...record, text: ['caf? ?quoted?'] }), 'latin1');
    [0xe9, 0x93, 0x94].forEach((byte) => (latin[latin.indexOf('?')] = byte));
    writeFileSync(join(folder, 'a.json'), latin);
    for (const name of ['a.jpg', 'b.png']) writeFileSync(join(folder, name), '');
    const samples = await all(readReasonSeg(folder));
    expect(samples.map((s) => s.texts[0])).toEqual(['café “quoted”', 'naïve']);
    expect(samples.map((s) => s.imagePath)).toEqual([join(folder, 'a.jpg'), join(folder, 'b.png')]);
    writeFileSync(join(folder, 'c.json'), JSON.stringify(record));
    await expect(all(readReasonSeg(folder))).rejects.toMatchObject({
      code: 'DATA_INVALID',
      where: `${join(folder, 'c.json')}: image`,
    });
    writeFileSync(join(folder, 'c.json'), '{');
    await expect(all(readReasonSeg(folder))).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(all(readReasonSeg(join(root, 'none')))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });

  it('draws large shapes first, ignored regions as 255, flags not at all', () => {
    const box = (
      label: string,
      x: number,
      y: number,
      w: number,
      h: number,
    ): { label: string; points: [number, number][] } => ({
      label,
      points: [
        [x, y],
        [x + w - 1, y],
        [x + w - 1, y + h - 1],
        [x, y + h - 1],
      ],
    });
    const mask = drawReasonShapes(
      [box('Ignore this', 1, 1, 2, 2), box('target', 0, 0, 6, 4), box('FLAG', 0, 0, 8, 8)],
      8,
      6,
    );
    const rows = Array.from({ length: 6 }, (_, y) =>
      [...mask.slice(y * 8, y * 8 + 8)].map((v) => (v === 255 ? 'i' : String(v))).join(''),
    );
    expect(rows).toEqual(['11111100', '1ii11100', '1ii11100', '11111100', '00000000', '00000000']);
  });

  it('clips outlines of any size and cuts coordinates to whole pixels', () => {
    const far = [
      [-1e9, -1e9],
      [1e9, -1e9],
      [1e9, 1e9],
      [-1e9, 1e9],
    ] as [number, number][];
    expect(drawReasonShapes([{ label: 'target', points: far }], 5, 4).every((v) => v === 1)).toBe(true);
    expect([...drawReasonShapes([{ label: 'target', points: [[1.9, 2.9]] }], 3, 3)]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 1, 0,
    ]);
  });
});

describe('names from data files', () => {
  it.each(['', '/etc/x', '..', '../x', 'a/../../x', 'C:\\x', '..\\x', 'a\0b'])(
    '%j cannot leave the folder',
    (name) => {
      expect(() => inside('/data', name, 'f.json', 'field')).toThrow(
        expect.objectContaining({ code: 'DATA_INVALID', where: 'f.json: field' }) as Error,
      );
    },
  );
  it.each([
    ['a.png', 'a.png'],
    ['sub/a.png', 'sub/a.png'],
    ['./a..png', 'a..png'],
  ])('%s is joined', (name, path) => {
    expect(inside('/data', name, 'f', 'g')).toBe(join('/data', path));
  });
});

import { mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSynth } from '@maskloom/synth';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataExamples, type ShownData } from './data-examples.js';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'maskloom-shown-')));
const folder = join(work, 'set');
const coco = {
  folder,
  format: 'coco-instances',
  annotations: join(folder, 'annotations/instances.json'),
  images: join(folder, 'images'),
};

beforeAll(() => writeSynth({ out: folder, count: 3, seed: 8_920_000, width: 160, height: 96 }));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const list = async (data: ShownData) => {
  const notes: string[] = [];
  const { signal } = new AbortController();
  return { examples: await dataExamples(data, (note) => notes.push(note), signal), notes };
};

it('lists the pictures of a data set, with its questions and the truth', async () => {
  const { examples } = await list({ folder, format: 'reasonseg', split: 'test' });
  expect(examples[0]?.name).toBe('08920000_0');
  expect(await examples[0]?.questions()).toMatchObject([
    {
      ask: { text: 'which one has spots like a ladybird?' },
      task: 'reasoning',
      truth: [{ area: 81, bbox: [97, 68, 13, 13] }],
    },
  ]);
});

it('asks for everything where a data set has segments', async () => {
  const { examples } = await list(coco);
  const [question] = (await examples[0]?.questions()) ?? [];
  expect(question).toMatchObject({ ask: {}, task: 'free' });
  expect(question?.truth?.map(({ label, area }) => `${label} ${area}`).slice(0, 2)).toEqual([
    'crescent 64',
    'star 173',
  ]);
});

it('leaves pictures out that are gone, or that a link leads out of the folders to', async () => {
  const picture = join(folder, 'images/08920001.png');
  renameSync(picture, join(work, 'elsewhere.png'));
  symlinkSync(join(work, 'elsewhere.png'), picture);
  rmSync(join(folder, 'images/08920002.png'));
  const { examples, notes } = await list(coco);
  expect(examples.map(({ name }) => name)).toEqual(['8920000']);
  expect(notes).toEqual([expect.stringMatching(/^2 pictures .* not in the folders/)]);
});

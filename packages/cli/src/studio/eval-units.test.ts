import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMask } from '@maskloom/core';
import { DEFAULT_SWITCHES, Ledger, openStores, RUN_SCHEMA, runPaths, RunUnits } from '@maskloom/eval';
import type { EvalScene, RunPlan } from '@maskloom/eval';
import { afterAll, describe, expect, it } from 'vitest';
import { createDefaultRegistry } from '../default-registry.js';
import { evalUnits } from './eval-units.js';

const registry = createDefaultRegistry();
const work = realpathSync(mkdtempSync(join(tmpdir(), 'maskloom-units-')));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A mask of 2 x 1 pixels. */
const mask = (...pixels: readonly number[]) => encodeMask(Uint8Array.from(pixels), 2, 1);

const plan: RunPlan = {
  schema: RUN_SCHEMA,
  command: 'eval',
  device: 'cpu',
  bundles: [],
  switches: DEFAULT_SWITCHES,
  world: 'synthetic',
  subjects: [
    {
      recipe: 'read/full',
      overrides: { stages: { PointPrompter: { options: { count: 7 } } }, weights: 'read/other' },
    },
  ],
  parts: [{ name: 'val', source: {} }],
  work: [{ part: 'val', protocol: 'referring', subjects: [0] }],
  tables: [],
};

/** A scene whose left pixel is meant by 'left', and both by 'all'. */
function scene(id: number, image: string): EvalScene {
  const segment = { id: 1, categoryId: 1, mask: mask(1, 0) };
  const expressions = [
    { text: 'left', targets: [1], present: true },
    { text: 'all', targets: [], mask: mask(1, 1), present: true },
  ];
  return { id, image, width: 2, height: 1, segments: [segment], expressions };
}

interface Told {
  /** By scene: masks of the answers to 'left' and 'all', and their sums; a scene without has failed. */
  readonly found: readonly (readonly ReturnType<typeof mask>[] | undefined)[];
  readonly images?: readonly string[];
  readonly root?: string;
}

/** Writes a run's folder as the runner does. */
async function write(name: string, { found, images, root }: Told): Promise<string> {
  const folder = join(work, name);
  const data = root ?? join(folder, 'data');
  mkdirSync(join(folder, 'scenes'), { recursive: true });
  mkdirSync(join(folder, 'data'), { recursive: true });
  const names = images ?? found.map((_, i) => `${i}.png`);
  if (images === undefined) for (const one of names) writeFileSync(join(data, one), '');
  writeFileSync(join(folder, 'run.json'), JSON.stringify(plan));
  using stores = await openStores({
    folder,
    plan,
    partIdentity: () => ({}),
    signal: new AbortController().signal,
    openPart: async () => ({
      head: { root: data, categories: [{ id: 1, name: 'thing', isThing: true }], source: {} },
      scenes: (async function* () {
        for (const [i, image] of names.entries()) yield scene(i, image);
      })(),
    }),
  });
  using ledger = new Ledger(runPaths(folder).ledger);
  const units = new RunUnits(plan, stores.byPart);
  for (const [i, masks] of found.entries()) {
    const [unit] = units.ofScene('val', i);
    const key = unit?.key ?? '';
    if (masks === undefined) ledger.append({ key, error: { code: 'STAGE_FAILED', message: 'no' } });
    else {
      const right = masks.filter((one, q) => one.counts === mask(1, q).counts).length;
      const sums = { 'gIoU all': [right, masks.length, masks.length] };
      const answers = ['left', 'all'].map((text, q) => ({
        text,
        outcome: 'segmented',
        segments: [{ label: text, score: 1, mask: masks[q] }],
      }));
      const result = { image: '', ms: 1, devices: [], parts: { referring: sums }, answers };
      ledger.append({ key, result: result as never });
    }
  }
  return folder;
}

const list = async (folder: string, roots = [folder]) => {
  const notes: string[] = [];
  const units = await evalUnits(folder, roots, registry, (note) => notes.push(note));
  return { units, notes };
};

describe('the units of a run', () => {
  it('are listed failures first, then from the worst figure up, as they were asked', async () => {
    const folder = await write('good', {
      found: [[mask(1, 0), mask(1, 1)], [mask(1, 0), mask(1, 0)], undefined],
    });
    const { units } = await list(folder);
    expect(units.map(({ name }) => name.replace(/^good: /, ''))).toEqual([
      '2.png, read/full: failed, STAGE_FAILED',
      '1.png, read/full: referring gIoU all 0.50',
      '0.png, read/full: referring gIoU all 1.00',
    ]);
    const questions = await units[1]?.questions();
    // The worse answer first; with the truth and what was answered.
    expect(questions?.map(({ ask, note }) => [ask.text, note])).toEqual([
      ['all', 'IoU 0.50'],
      ['left', 'IoU 1.00'],
    ]);
    expect(questions?.[0]?.truth?.map(({ area }) => area)).toEqual([2]);
    expect(questions?.[0]?.answer).toMatchObject({ by: 'read/full', segments: [{ area: 1 }] });
    // Of a unit that failed the texts of others would be asked; here there are none.
    expect((await units[0]?.questions())?.[0]).toMatchObject({ ask: {}, truth: [{ area: 1 }] });
    expect(units[0]?.system).toMatchObject({
      recipe: 'read/full',
      weights: 'read/other',
      stages: { PointPrompter: { stage: 'read/similarity-as-points', options: { count: 7 } } },
    });
  });

  it('with pictures outside of the named folders are left out, behind links too', async () => {
    const secret = join(work, 'secret.png');
    writeFileSync(secret, '');
    const answers = [mask(1, 0), mask(1, 1)];
    const images = ['../../secret.png', 'link.png', '../data/../../../secret.png', 'gone.png'];
    const folder = await write('escape', { found: images.map(() => answers), images });
    symlinkSync(secret, join(folder, 'data/link.png'));
    const { units, notes } = await list(folder);
    expect(units).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('left out')]);
    const away = await write('away', { found: [answers], images: ['secret.png'], root: work });
    expect((await list(away)).units).toEqual([]);
    // Named, it is shown.
    expect((await list(away, [work])).units).toHaveLength(1);
  });

  it('that were tampered with are an error that says so', async () => {
    const answers = [mask(1, 0), mask(1, 1)];
    const large = encodeMask(Uint8Array.from([1, 1, 1, 1]), 2, 2);
    for (const [name, wrong] of [
      ['another size', large],
      ['runs beyond the picture', { size: [1, 2] as const, counts: 'oooooo' }],
      ['no mask', { size: [1, 2] as const, counts: 5 as unknown as string }],
    ] as const) {
      const folder = await write(name, { found: [answers, [wrong, mask(1, 1)]] });
      await expect(list(folder), name).rejects.toMatchObject({
        code: expect.stringMatching(/^(RUN|MASK)_INVALID$/) as string,
      });
    }
    const folder = await write('plan', { found: [answers] });
    for (const part of [{ subjects: [{ recipe: 5 }] }, { work: 'all' }, { parts: [{ name: {} }] }]) {
      writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...plan, ...part }));
      await expect(list(folder)).rejects.toMatchObject({ code: 'RUN_INVALID' });
    }
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMask } from '@maskloom/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PREDICTIONS_SCHEMA, type PredictionRun } from '../output/predictions.js';
import { worstOfRun } from './worst-of-run.js';

const folder = mkdtempSync(join(tmpdir(), 'maskloom-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run on a picture of 2 x 1 pixels, of which the named ones are set. */
function run(name: string, recipe: string, pixels: readonly number[]): PredictionRun {
  const mask = encodeMask(Uint8Array.from(pixels), 2, 1);
  return {
    image: { path: join(folder, name), width: 2, height: 1, sha256: '00' },
    ...{ system: 'a', recipe, bundle: 'tiny', task: 'referring', text: `find ${name}`, answer: '' },
    segments: [
      {
        label: 'x',
        score: 1,
        bbox: [0, 0, 2, 1],
        area: 1,
        segmentation: { size: [1, 2], counts: mask.counts },
      },
    ],
    ...{ stages: [], warnings: [] },
  };
}

beforeAll(() => {
  for (const name of ['same.png', 'half.png', 'failed.png']) writeFileSync(join(folder, name), '');
  const runs = [
    ...[run('same.png', 'one', [1, 1]), run('same.png', 'two', [1, 1])],
    ...[run('half.png', 'one', [1, 1]), run('half.png', 'two', [1, 0])],
    ...[run('failed.png', 'one', [1, 1]), run('gone.png', 'one', [1, 1])],
  ];
  const failures = [
    { path: join(folder, 'failed.png'), recipe: 'a/two', code: 'STAGE_FAILED', message: 'no' },
  ];
  writeFileSync(
    join(folder, 'predictions.json'),
    JSON.stringify({ schema: PREDICTIONS_SCHEMA, runs, failures, skipped: [] }),
  );
});

it('lists failures first, then by agreement, with the questions; files that are gone are left out', async () => {
  const worst = await worstOfRun(folder);
  expect(worst?.map(({ path }) => path)).toEqual(
    ['failed.png', 'half.png', 'same.png'].map((name) => join(folder, name)),
  );
  expect(worst?.[1]).toMatchObject({
    name: expect.stringContaining('agreement 0.50') as string,
  });
  expect(await worst?.[1]?.questions()).toMatchObject([
    { ask: { text: 'find half.png' }, task: 'referring' },
  ]);
});

it('is nothing for a folder of anything else', async () => {
  expect(await worstOfRun(tmpdir())).toBeUndefined();
});

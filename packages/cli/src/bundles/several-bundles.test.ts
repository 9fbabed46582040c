import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { buildPipelines } from '../compare/build-pipelines.js';
import { openBundles } from './open-bundles.js';
import { describeWeights } from './used-weights.js';

let folder: string;
const signal = new AbortController().signal;
/** The embedded bundle under another name, with SAM alone. */
const samOnly = () => join(folder, 'sam-only');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-bundles-'));
  await cp(fileURLToPath(bundleDirectory), samOnly(), { recursive: true });
  const file = join(samOnly(), 'bundle.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { recipes: Record<string, unknown> };
  const sam = Object.entries(manifest.recipes).filter(([id]) => id.startsWith('sam/'));
  await writeFile(
    file,
    JSON.stringify({ ...manifest, name: 'sam-only', version: '9.0.0', recipes: Object.fromEntries(sam) }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

it('gives each recipe the weights of the first bundle that has them, and names them', async () => {
  const systems = ['sam/everything', 'rose/patch'];
  await using built = await buildPipelines(
    { systems, task: 'free', device: 'cpu', bundle: [samOnly(), 'tiny'] },
    signal,
  );
  const named = [...built.weights].map(([recipe, weights]) => `${recipe} ${describeWeights(weights)}`);
  expect(named).toEqual([
    expect.stringMatching(/^sam\/everything sam-only 9\.0\.0 \([0-9a-f]{12}\)$/),
    expect.stringMatching(/^rose\/patch tiny 0\.1\.0 \([0-9a-f]{12}\)$/),
  ]);
  await using alone = await buildPipelines(
    { systems: ['sam/everything'], task: 'free', device: 'cpu', bundle: 'tiny' },
    signal,
  );
  expect(alone.weights.get('sam/everything')).toMatchObject({
    bundle: 'tiny',
    hash: built.weights.get('sam/everything')?.hash,
  });
});

it('refuses two bundles of one name, and takes one named twice once', async () => {
  await expect(openBundles(['tiny', fileURLToPath(bundleDirectory)], signal)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining("'tiny'") as string,
  });
  expect(await openBundles(['tiny', 'tiny'], signal)).toHaveLength(1);
  expect(await openBundles(undefined, signal)).toHaveLength(1);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { predictionsSchema, type Predictions } from 'maskloom';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FixtureHub, wordTokenizer } from '../../packages/hub/src/fixture-hub.test.helper.js';
import { maskloom, type Ended } from './lib/maskloom.js';

/** Published layouts (random weights) by the name of their repository, from a hub on this machine. */
const hub = new FixtureHub();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-hub-e2e-'));
  await hub.server.start();
  hub.serve('sam');
  hub.serve('clip', wordTokenizer({ a: 3, photo: 4, of: 5, red: 6, cup: 7, grass: 8, cat: 9 }));
  hub.serve('siglip', {}, { access: 'gated' }, 'test/gated');
  const pixels = Buffer.from(Uint8Array.from({ length: 61 * 40 * 3 }, (_, i) => (i * i) % 251));
  const raw = { width: 61, height: 40, channels: 3 } as const;
  await sharp(pixels, { raw }).png().toFile(join(folder, 'photo.png'));
});
afterAll(async () => {
  await hub.stop();
  await rm(folder, { recursive: true });
});

const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  maskloom([...args, '--device', 'cpu', '--json'], folder, {
    HF_ENDPOINT: hub.server.endpoint,
    HF_HOME: hub.home,
    ...more,
  });

/** What lets masks of random weights through, and few points. */
const easy = [
  'PointSampler.pointsPerSide=2',
  'MaskSifter.predIouThresh=0',
  'MaskSifter.stabilityScoreThresh=0',
  'MaskSifter.suppression=masks',
].flatMap((setting) => ['--set', setting]);

const predictions = ({ stdout, stderr, code }: Ended): Predictions => {
  expect(stderr).not.toMatch(/error/i);
  expect(code).toBe(0);
  return predictionsSchema.parse(JSON.parse(stdout));
};

it('segments a picture with the models of two repositories, each fetched when it is first named', async () => {
  const labels = ['red cup', 'grass', 'cat'];
  const args = ['segment', 'photo.png', '--system', 'sam/everything-named', '--labels', labels.join(',')];
  const bundles = ['--bundle', 'hub:test/sam', '--bundle', 'hub:test/clip'];
  const { runs } = predictions(await run([...args, ...bundles, '--task', 'instance', ...easy]));
  expect(runs).toHaveLength(1);
  const [named] = runs;
  expect(named).toMatchObject({ system: 'sam', recipe: 'everything-named', bundle: 'test/sam + test/clip' });
  expect(named?.weights).toMatch(/^[0-9a-f]{12}$/);
  expect(named?.segments.length).toBeGreaterThan(0);
  for (const { label, score } of named?.segments ?? []) {
    expect(labels).toContain(label);
    expect(score).toBeGreaterThan(1 / 3);
  }
  expect(named?.stages.map(({ slot }) => slot)).toContain('CategoryGenerator');
  // Again, by other names, without a hub, every label surer than can be.
  const config = { bundles: { points: 'hub:test/sam', words: 'hub:test/clip' } };
  await writeFile(join(folder, 'maskloom.config.json'), JSON.stringify(config));
  const again = ['--bundle', 'points', '--bundle', 'words', '--set', 'CategoryGenerator.noneBelow=1'];
  const offline = { HF_HUB_OFFLINE: '1', HF_ENDPOINT: 'http://127.0.0.1:9' };
  const none = predictions(await run([...args, ...again, '--task', 'instance', ...easy], offline));
  expect(none.runs[0]).toMatchObject({ bundle: 'test/sam + test/clip', outcome: 'empty', segments: [] });
});

it('compares systems of several bundles on one picture, each with its weights named', async () => {
  const bundles = ['hub:test/sam', 'hub:test/clip', 'tiny'].flatMap((name) => ['--bundle', name]);
  const systems = 'sam/everything-named,lmseg/full';
  const args = ['compare', 'photo.png', '--systems', systems, '--labels', 'red cup,grass', '--out', 'out'];
  const { runs, failures } = predictions(await run([...args, ...bundles, ...easy]));
  expect(failures).toEqual([]);
  expect(runs.map(({ system, bundle }) => [system, bundle])).toEqual([
    ['sam', 'test/sam + test/clip'],
    ['lmseg', 'tiny'],
  ]);
});

it('says what is wrong with a repository, a missing bundle and a setting', async () => {
  const named = ['segment', 'photo.png', '--system', 'sam/everything-named', '--labels', 'cat'];
  const refused = await Promise.all([
    run([...named, '--bundle', 'hub:test/gated']),
    run([...named, '--bundle', 'hub:test/sam']),
    run([...named, '--bundle', 'hub:test/sam', '--bundle', 'hub:test/clip', '--set', 'MaskSifter.box=1']),
    run([...named, '--bundle', 'hub:test/sam', '--bundle', 'hub:test/clip', '--set', 'Refiner.x=1']),
  ]);
  expect(refused.map(({ stderr }) => /\b[A-Z_]{10,}\b/.exec(stderr)?.[0])).toEqual([
    'HUB_ACCESS_DENIED',
    'BUNDLE_INVALID',
    'OPTION_INVALID',
    'SLOT_UNKNOWN',
  ]);
  for (const { code, stdout } of refused) expect([code === 0, stdout]).toEqual([false, '']);
  expect(refused[1]?.stderr).toContain('second --bundle');
});

import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixtureBundle, sha256 } from '../fixture-bundle.test.helper.js';
import type { FixtureBundle, FixtureManifest } from '../fixture-bundle.test.helper.js';
import { openBundle } from './open-bundle.js';
import { folderBundle } from './source.js';
import { verifyBundle } from './verify-bundle.js';

let fixture: FixtureBundle;
beforeEach(() => {
  fixture = fixtureBundle();
});
afterEach(() => fixture.remove());

const open = () => openBundle(folderBundle(fixture.directory));
const refusal = (code: string, where: string) =>
  expect.objectContaining({ name: 'MaskloomError', code, where: expect.stringContaining(where) });

/** The same fault is refused by openBundle and found by verifyBundle. */
async function expectFault(code: string, where: string): Promise<void> {
  await expect(open()).rejects.toEqual(refusal(code, where));
  const findings = await verifyBundle(fixture.directory);
  expect(findings).toContainEqual(expect.objectContaining({ code, where: expect.stringContaining(where) }));
}

describe('a sound bundle', () => {
  it('opens, and verifyBundle finds nothing', async () => {
    const bundle = await open();
    expect(bundle.name).toBe('fixture');
    expect(bundle.recipes).toEqual(['test/one', 'test/two']);
    expect(bundle.model('test/one', 'adder')).toMatchObject({
      id: 'add',
      inputs: [{ name: 'x' }, { name: 'y' }],
    });
    expect(await verifyBundle(fixture.directory)).toEqual([]);
  });

  it('merges presets with the recipe: objects by key, everything else whole', async () => {
    const bundle = await open();
    expect(bundle.preset('test/one', 'thing')).toEqual({ size: 4, nested: { a: 1, b: 2 }, list: [1, 2, 3] });
    expect(bundle.preset('test/two', 'thing')).toEqual({ size: 4, nested: { a: 1, b: 7 }, list: [9] });
    expect(bundle.preset('test/two', 'extra')).toBe(5);
    expect(Object.isFrozen(bundle.preset('test/two', 'thing'))).toBe(true);
  });

  it('names what exists when asked for something else', async () => {
    const bundle = await open();
    expect(() => bundle.model('test/one', 'addr')).toThrow(/Did you mean 'adder'/);
    expect(() => bundle.recipe('test/on')).toThrow(/Did you mean 'test\/one'/);
    expect(() => bundle.preset('test/one', 'thin')).toThrow(/Did you mean 'thing'/);
    expect(() => bundle.model('test/one', 'toString')).toThrow(/no model for the role 'toString'/);
  });
});

describe('a bundle that is not there', () => {
  it.each([
    ['no folder', () => join(fixture.directory, 'missing')],
    ['a file', () => join(fixture.directory, 'bundle.json')],
    [
      'a folder without a manifest',
      () => (mkdirSync(join(fixture.directory, 'empty')), join(fixture.directory, 'empty')),
    ],
  ])('%s', async (_, place) => {
    await expect(openBundle(folderBundle(place()))).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
  });

  it('is not looked for when aborted', async () => {
    await expect(openBundle(folderBundle(fixture.directory), AbortSignal.abort())).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});

describe('a manifest', () => {
  it('cut short', async () => {
    fixture.write(JSON.stringify(fixture.manifest).slice(0, -40));
    await expectFault('BUNDLE_INVALID', 'bundle.json');
  });

  it('empty', async () => {
    fixture.write('');
    await expectFault('BUNDLE_INVALID', 'bundle.json');
  });

  it('of another version', async () => {
    fixture.write({ ...fixture.manifest, schema: 'maskloom.bundle/2' });
    await expectFault('BUNDLE_VERSION', 'schema');
  });

  it.each<[string, (manifest: FixtureManifest) => void, string]>([
    ['without a version field', (m) => delete (m as Partial<FixtureManifest>).schema, 'schema'],
    ['with a bad hash', (m) => ((m.models['add'] as { sha256: string }).sha256 = 'xyz'), 'models.add.sha256'],
    [
      'with a bad dtype',
      (m) => ((m.models['add'] as { dtype: string }).dtype = 'float13'),
      'models.add.dtype',
    ],
    [
      'with a role that names no model',
      (m) => (m.recipes['test/two'] = { models: { sum: 'nothing' } }),
      'recipes.test/two.models.sum',
    ],
  ])('%s names the field', async (_, change, field) => {
    change(fixture.manifest);
    fixture.write();
    await expectFault('BUNDLE_INVALID', field);
  });
});

describe('a file', () => {
  const file = (name: string): string => join(fixture.directory, name);
  const point = (to: string): void => {
    (fixture.manifest.models['add'] as { file: string }).file = to;
    fixture.write();
  };

  it('missing', async () => {
    rmSync(file('add.onnx'));
    await expectFault('BUNDLE_FILE_MISSING', 'models.add.file');
  });

  it('truncated', async () => {
    truncateSync(file('add.onnx'), 100);
    await expectFault('BUNDLE_HASH_MISMATCH', 'models.add.bytes');
  });

  it('too long', async () => {
    appendFileSync(file('add.onnx'), 'x');
    await expectFault('BUNDLE_HASH_MISMATCH', 'models.add.bytes');
  });

  it('changed, also after it was verified once', async () => {
    await open();
    const { bytes } = fixture.manifest.models['add'] as { bytes: number };
    writeFileSync(file('add.onnx'), new Uint8Array(bytes));
    await expectFault('BUNDLE_HASH_MISMATCH', 'models.add.sha256');
  });

  it.each(['../outside.onnx', '/etc/hostname', 'a/../../outside.onnx', '..\\outside.onnx', '.', 'a\0b'])(
    'named %j',
    async (name) => {
      point(name);
      await expectFault('BUNDLE_PATH_ESCAPE', 'models.add.file');
    },
  );

  it('behind a symbolic link that leads out', async () => {
    symlinkSync('/etc/hostname', file('link.onnx'));
    point('link.onnx');
    await expectFault('BUNDLE_PATH_ESCAPE', 'models.add.file');
  });

  it('behind a linked folder that leads out', async () => {
    symlinkSync('/etc', file('folder'));
    point('folder/hostname');
    await expectFault('BUNDLE_PATH_ESCAPE', 'models.add.file');
  });

  it('behind a link that stays inside is fine, and so is a bundle reached by a link', async () => {
    symlinkSync('add.onnx', file('again.onnx'));
    point('again.onnx');
    await expect(open()).resolves.toMatchObject({ name: 'fixture' });
    const link = `${fixture.directory}-link`;
    symlinkSync(fixture.directory, link);
    await expect(openBundle(folderBundle(link))).resolves.toMatchObject({ name: 'fixture' });
    rmSync(link);
  });
});

describe('a snapshot of a hub cache', () => {
  const cache = (): { snapshot: string; blobs: string; shared: string } => {
    const home = join(fixture.directory, 'models--o--n');
    const [snapshot, blobs] = [join(home, 'snapshots', 'c0'), join(home, 'blobs')];
    const shared = join(fixture.directory, 'blobs');
    for (const folder of [snapshot, blobs, shared]) mkdirSync(folder, { recursive: true });
    for (const name of ['bundle.json', 'concat.onnx', 'ids.onnx', 'slow.onnx'])
      copyFileSync(join(fixture.directory, name), join(snapshot, name));
    return { snapshot, blobs, shared };
  };

  it("may link to its repository's blobs, and keeps the path by which it was named", async () => {
    const { snapshot, blobs } = cache();
    copyFileSync(join(fixture.directory, 'add.onnx'), join(blobs, 'abc'));
    symlinkSync('../../blobs/abc', join(snapshot, 'add.onnx'));
    const bundle = await openBundle(folderBundle(snapshot));
    expect(bundle.model('test/one', 'adder').path).toBe(join(realpathSync(snapshot), 'add.onnx'));
  });

  it('may link on to the blobs that the cache shares', async () => {
    const { snapshot, blobs, shared } = cache();
    copyFileSync(join(fixture.directory, 'add.onnx'), join(shared, 'abc'));
    symlinkSync('../../blobs/abc', join(blobs, 'abc'));
    symlinkSync('../../blobs/abc', join(snapshot, 'add.onnx'));
    await expect(openBundle(folderBundle(snapshot))).resolves.toMatchObject({ name: 'fixture' });
  });

  it("may not link to another repository's blobs", async () => {
    const { snapshot } = cache();
    const other = join(fixture.directory, 'models--o--m', 'blobs');
    mkdirSync(other, { recursive: true });
    copyFileSync(join(fixture.directory, 'add.onnx'), join(other, 'abc'));
    symlinkSync('../../../models--o--m/blobs/abc', join(snapshot, 'add.onnx'));
    await expect(openBundle(folderBundle(snapshot))).rejects.toMatchObject({ code: 'BUNDLE_PATH_ESCAPE' });
  });
});

it('weights beside a graph count for its size and for what it is known by', async () => {
  const { manifest } = fixture;
  writeFileSync(join(fixture.directory, 'add.onnx_data'), 'weights');
  const data = { file: 'add.onnx_data', bytes: 7, sha256: sha256(Buffer.from('weights')) };
  const before = (await open()).model('test/one', 'adder');
  manifest.models['add'] = { ...manifest.models['add'], data: [data] } as never;
  fixture.write();
  const after = (await open()).model('test/one', 'adder');
  expect(after.bytes).toBe(before.bytes + 7);
  expect(after.sha256).toBe(`${before.sha256}+${data.sha256}`);
});

it('verifyBundle reports every fault, not just the first', async () => {
  rmSync(join(fixture.directory, 'add.onnx'));
  truncateSync(join(fixture.directory, 'ids.onnx'), 10);
  const codes = (await verifyBundle(fixture.directory)).map((finding) => finding.code);
  expect(codes).toEqual(['BUNDLE_FILE_MISSING', 'BUNDLE_HASH_MISMATCH']);
});

import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckedModel } from '../bundle/bundle.js';
import { openBundle } from '../bundle/open-bundle.js';
import { folderBundle } from '../bundle/source.js';
import { Engine } from '../engine/engine.js';
import { fixtureBundle, type FixtureBundle } from '../fixture-bundle.test.helper.js';
import { SimplifiedGraphs } from './simplified-graphs.js';

let fixture: FixtureBundle;
let model: CheckedModel;
let engine: Engine;
beforeAll(async () => {
  fixture = fixtureBundle();
  model = (await openBundle(folderBundle(fixture.directory))).model('test/one', 'adder');
  engine = new Engine({
    device: 'cpu',
    maxQueue: 8,
    script: new URL('../../dist/engine/worker.js', import.meta.url),
  });
});
afterAll(async () => {
  await engine.dispose();
  fixture.remove();
});

let cache: string;
let written = 0;
const simplify = async (from: string, to: string): Promise<void> => {
  written++;
  await engine.simplify(from, to);
};
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'maskloom-simplified-'));
  written = 0;
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

/** What another process would find. */
const graphs = (room?: number): SimplifiedGraphs => new SimplifiedGraphs(cache, room);

describe('a simplified graph', () => {
  it('is made once and taken by every later process', async () => {
    const path = await graphs().of(model, simplify);
    expect(path).toMatch(/simplified/);
    expect(await graphs().of(model, simplify)).toBe(path);
    expect(written).toBe(1);
  });

  it('is not taken where the processor is of another kind', async () => {
    const [here, there] = ['a', 'b'].map((kind) => new SimplifiedGraphs(cache, undefined, kind));
    const path = await here?.of(model, simplify);
    expect(await there?.of(model, simplify)).not.toBe(path);
    expect(await here?.of(model, simplify)).toBe(path);
    expect(written).toBe(2);
  });

  it('that was tampered with is made anew, with its time and size restored too', async () => {
    const path = (await graphs().of(model, simplify)) ?? '';
    const whole = readFileSync(path);
    const changed = Buffer.from(whole);
    changed[10] = (changed[10] ?? 0) ^ 1;
    for (const at of [1000, 2000]) {
      writeFileSync(path, changed);
      utimesSync(path, at, at);
      expect(await graphs().of(model, simplify)).toBe(path);
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
    expect(written).toBe(3);
  });

  it('is neither taken nor made for a model that was changed since it was checked', async () => {
    const path = join(cache, 'model.onnx');
    copyFileSync(model.path, path);
    const own = { ...model, path };
    expect(await graphs().of(own, simplify)).toMatch(/simplified/);
    writeFileSync(path, Buffer.alloc(100));
    expect(await graphs().of(own, simplify)).toBeUndefined();
    rmSync(join(cache, 'simplified'), { recursive: true });
    copyFileSync(model.path, path);
    const changing = async (from: string, to: string): Promise<void> => {
      await simplify(from, to);
      writeFileSync(path, Buffer.alloc(100));
    };
    expect(await graphs().of(own, changing)).toBeUndefined();
    expect(readdirSync(join(cache, 'simplified'))).toEqual([]);
  });

  it('is not made of a large model, nor of one with weights beside it', async () => {
    expect(await graphs().of({ ...model, bytes: 40_000_000 }, simplify)).toBeUndefined();
    expect(await graphs().of({ ...model, sha256: `${model.sha256}+aa` }, simplify)).toBeUndefined();
    expect(written).toBe(0);
  });

  it('that cannot be made or kept leaves the model as it is, and nothing behind', async () => {
    const failing = (_: string, to: string): Promise<never> => {
      writeFileSync(to, 'half');
      return Promise.reject(new Error('no such operator'));
    };
    expect(await graphs().of(model, failing)).toBeUndefined();
    expect(readdirSync(join(cache, 'simplified'))).toEqual([]);
    writeFileSync(join(cache, 'file'), '');
    expect(await new SimplifiedGraphs(join(cache, 'file')).of(model, simplify)).toBeUndefined();
  });

  it('gives way to newer ones where there is no room', async () => {
    const old = join(cache, 'simplified', 'old.onnx');
    await graphs().of(model, simplify);
    writeFileSync(old, Buffer.alloc(100_000));
    utimesSync(old, 1, 1);
    const other = (await openBundle(folderBundle(fixture.directory))).model('test/one', 'joiner');
    const kept = await graphs(50_000).of(other, simplify);
    expect(existsSync(old)).toBe(false);
    expect(existsSync(kept ?? '')).toBe(true);
  });
});

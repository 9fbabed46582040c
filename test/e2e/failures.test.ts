import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFolder, type Predictions } from 'maskloom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GOOD, writeImages } from './lib/images.js';
import { maskloom } from './lib/maskloom.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-failures-'));
  await writeImages(folder, { 'a.png': GOOD['plain.png'] as (typeof GOOD)[string] });
  await writeFile(join(folder, 'file'), '');
  await mkdir(join(folder, 'taken'));
  await writeFile(join(folder, 'taken/report.html'), 'mine');
});
afterAll(() => rm(folder, { recursive: true }));

const compare = (...args: string[]) => maskloom(['compare', 'a.png', '--text', 'the sky', ...args], folder);

describe('a call that cannot work', () => {
  it.each([
    [['--systems', 'raed', '--out', 'out'], 2, 'SYSTEM_UNKNOWN', "Did you mean 'read'?"],
    [['--systems', 'read/ful', '--out', 'out'], 2, 'RECIPE_UNKNOWN', "Did you mean 'read/full'?"],
    [['--device', 'gpu', '--out', 'out'], 2, 'DEVICE_UNKNOWN', "Did you mean 'cpu'?"],
    [['--task', 'refering', '--out', 'out'], 2, 'OPTION_INVALID', "Did you mean 'referring'?"],
    [
      ['--task', 'semantic', '--systems', 'read', '--out', 'out'],
      2,
      'TASK_UNSUPPORTED',
      'Valid: referring, reasoning',
    ],
    [['--sytems', 'read', '--out', 'out'], 2, 'OPTION_INVALID', 'Did you mean --systems?'],
    [[], 2, 'OPTION_INVALID', '--out'],
    [['--bundle', 'tiyn', '--out', 'out'], 1, 'BUNDLE_NOT_FOUND', "Did you mean 'tiny'?"],
    [['--out', 'file'], 1, 'OUTPUT_UNWRITABLE', 'a file, not a folder'],
    [['--out', 'file/below'], 1, 'OUTPUT_UNWRITABLE', 'file/below'],
    [['--out', 'taken'], 1, 'OUTPUT_UNWRITABLE', 'report.html'],
    [['--queries', 'none.json', '--out', 'out'], 1, 'DATA_NOT_FOUND', 'none.json'],
  ])('%j ends with %i and one line: %s', async (args, code, name, hint) => {
    const ended = await compare(...args);
    expect(ended.stdout).toBe('');
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(ended.stderr).toContain(`${name}: `);
    expect(ended.stderr).toContain(hint);
    expect(ended.code).toBe(code);
    expect((await readdir(folder)).sort()).toEqual(['a.png', 'file', 'taken']);
    expect(await readdir(join(folder, 'taken'))).toEqual(['report.html']);
  });

  it('shows the stack only when MASKLOOM_DEBUG=1 asks for it', async () => {
    process.env['MASKLOOM_DEBUG'] = '1';
    try {
      expect((await compare('--systems', 'raed', '--out', 'out')).stderr).toMatch(/\n {4}at /);
    } finally {
      delete process.env['MASKLOOM_DEBUG'];
    }
  });
});

describe('devices', () => {
  // Where CUDA is installed there is nothing to refuse.
  it('says how to add CUDA when it is absent', async () => {
    const { devices } = JSON.parse((await maskloom(['doctor', '--json'], folder)).stdout) as {
      devices: { device: string; available: boolean }[];
    };
    const cuda = devices.find((one) => one.device === 'cuda');
    const ended = await compare('--device', 'cuda', '--systems', 'read/full', '--out', 'cuda');
    if (cuda?.available === true) expect(ended.code).toBe(0);
    else {
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain('DEVICE_UNAVAILABLE');
      expect(ended.stderr).toMatch(
        process.platform === 'linux' && process.arch === 'x64'
          ? /onnxruntime-node-install=cuda12/
          : /use another device/,
      );
      expect(existsSync(join(folder, 'cuda'))).toBe(false);
    }
  });

  it('auto says what it used, and why nothing better', async () => {
    const ended = await compare('--systems', 'read/full', '--out', 'auto');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^device: (cpu|cuda|webgpu|coreml|dml)$/m);
    if (/^device: cpu$/m.test(ended.stdout)) {
      expect(ended.stderr).toMatch(/^warning: device auto: using cpu; /m);
      const text = await readFile(join(folder, 'auto/predictions.json'), 'utf8');
      expect((JSON.parse(text) as Predictions).runs[0]?.warnings.join()).toContain('device auto: using cpu');
    }
    await rm(join(folder, 'auto'), { recursive: true });
  });
});

describe('maskloom bundles verify', () => {
  it('finds nothing wrong with the embedded bundle, and everything wrong with a damaged one', async () => {
    expect((await maskloom(['bundles', 'verify'], folder)).code).toBe(0);
    const copy = join(folder, 'copy');
    await cp(bundleFolder(), copy, { recursive: true });
    await writeFile(join(copy, 'projector.onnx'), 'spoilt');
    await rm(join(copy, 'clip-tower.onnx'));
    const ended = await maskloom(['bundles', 'verify', 'copy'], folder);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^BUNDLE_HASH_MISMATCH: .*projector\.onnx/m);
    expect(ended.stdout).toMatch(/^BUNDLE_FILE_MISSING: .*clip-tower\.onnx/m);
    const run = await compare('--bundle', 'copy', '--out', 'out');
    expect([run.code, existsSync(join(folder, 'out'))]).toEqual([1, false]);
    expect(run.stderr).toMatch(/BUNDLE_(HASH_MISMATCH|FILE_MISSING)/);
  });
});

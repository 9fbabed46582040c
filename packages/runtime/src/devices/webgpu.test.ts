import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixtureBundle } from '../fixture-bundle.test.helper.js';
import type { FixtureBundle } from '../fixture-bundle.test.helper.js';

/** SwiftShader computes Vulkan on the CPU; Debian's chromium package brings it. */
const SWIFTSHADER = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
].find(existsSync);

let fixture: FixtureBundle;
let scratch: string;
beforeAll(() => {
  fixture = fixtureBundle();
  scratch = mkdtempSync(join(tmpdir(), 'maskloom-webgpu-'));
});
afterAll(() => {
  fixture.remove();
  rmSync(scratch, { recursive: true });
});

/** Runs in a process of its own: the driver is chosen by the environment. */
async function inChild(program: string): Promise<unknown> {
  const driver = SWIFTSHADER as string;
  const env = {
    ...process.env,
    VK_DRIVER_FILES: driver,
    VK_ICD_FILENAMES: driver,
    XDG_RUNTIME_DIR: scratch,
    LD_LIBRARY_PATH: dirname(driver),
  };
  const header = `import { folderBundle, onnx, probeDevice } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const bundle = folderBundle(${JSON.stringify(fixture.directory)});`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', `${header}\n${program}`],
    { env },
  );
  return JSON.parse(stdout);
}

it.skipIf(SWIFTSHADER === undefined)(
  'webgpu runs models, keeps handles between calls, and survives a session closed beside it',
  { timeout: 120_000 },
  async () => {
    const answer = await inChild(`
    const source = onnx({ bundle, device: 'webgpu' });
    const [one, two] = [await source.open('test/one'), await source.open('test/two')];
    const joiner = await one.model('joiner');
    const adder = await two.model('sum');
    const t = (dims, data) => ({ dtype: 'float32', dims, data: Float32Array.from(data) });
    const scope = two.scope();
    const past = await joiner.run({ past: t([1, 0, 4], []), new: t([1, 1, 4], [1, 2, 3, 4]) }, { scope });
    const more = await joiner.run({ past: past.present, new: t([1, 1, 4], [5, 6, 7, 8]) }, { scope });
    const joined = [...(await more.present.read())];
    await one.dispose();
    const sums = await adder.run({ x: t([1, 2], [1, 2]), y: t([1, 2], [3, 4]) }, { scope });
    const again = await adder.run({ x: sums.sum, y: sums.product }, { scope });
    const values = [...(await again.sum.read())];
    const empty = await adder.run({ x: t([0, 2], []), y: t([0, 2], []) }, { scope });
    const answer = { device: adder.device, joined, values, empty: empty.sum.dims };
    await source.dispose();
    console.log(JSON.stringify(answer));`);
    expect(answer).toEqual({
      device: 'webgpu',
      joined: [1, 2, 3, 4, 5, 6, 7, 8],
      values: [7, 14],
      empty: [0, 2],
    });
  },
);

it.skipIf(SWIFTSHADER === undefined)('auto passes a software adapter over', { timeout: 60_000 }, async () => {
  const answer = await inChild(`
    const source = onnx({ bundle, device: 'auto' });
    const host = await source.open('test/one');
    const { device } = await host.model('adder');
    const answer = { device, software: (await probeDevice('webgpu')).software, warnings: source.warnings };
    await source.dispose();
    console.log(JSON.stringify(answer));`);
  expect(answer).toMatchObject({
    software: true,
    warnings: [expect.stringContaining('webgpu: no graphics hardware')],
  });
});

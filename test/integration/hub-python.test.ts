import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubSettings, listCache, pullRepository, verifyCache, type HubSettings } from '@maskloom/hub';
import { HubServer } from '../../packages/hub/src/client/hub-server.test.helper.js';

const PYTHON = 'training/.venv/bin/python';
const ID = 'owner/model';
const server = new HubServer();
const home = mkdtempSync(join(tmpdir(), 'maskloom-hub-python-'));
beforeAll(async () => {
  await server.start();
  server.add(ID, {
    'config.json': '{}',
    'onnx/model.onnx': randomBytes(200_000),
    'onnx/b.onnx': randomBytes(90_000),
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

const settings = (more: Partial<HubSettings> = {}): HubSettings =>
  hubSettings({ HF_HOME: home }, { endpoint: server.endpoint, retryDelay: 5, ...more });

/** The path that Python's huggingface_hub gives for a file. */
async function inPython(file: string, offline: boolean): Promise<string> {
  const code = `from huggingface_hub import hf_hub_download; print(hf_hub_download(${JSON.stringify(ID)}, ${JSON.stringify(file)}))`;
  const child = spawn(PYTHON, ['-c', code], {
    env: {
      ...process.env,
      HF_HOME: home,
      HF_ENDPOINT: server.endpoint,
      HF_HUB_OFFLINE: offline ? '1' : '0',
      HF_HUB_DISABLE_TELEMETRY: '1',
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(err);
  return out.trim();
}

// Python's library comes with the training kit's environment.
describe.skipIf(!existsSync(PYTHON))("one cache for this package and for Python's huggingface_hub", () => {
  it('Python finds, offline, what was pulled here', async () => {
    const { snapshot } = await pullRepository(ID, {
      settings: settings(),
      files: ['config.json', 'onnx/model.onnx'],
    });
    expect(await inPython('onnx/model.onnx', true)).toBe(join(snapshot, 'onnx', 'model.onnx'));
    expect(await inPython('config.json', true)).toBe(join(snapshot, 'config.json'));
  });

  it('what Python downloaded is found here, offline, and is in order', async () => {
    const path = await inPython('onnx/b.onnx', false);
    const offline = settings({ offline: true });
    const { snapshot, files } = await pullRepository(ID, { settings: offline });
    expect(path).toBe(join(snapshot, 'onnx', 'b.onnx'));
    expect(files).toEqual(['config.json', 'onnx/b.onnx', 'onnx/model.onnx']);
    expect(await verifyCache(offline)).toEqual([]);
    expect((await listCache(offline)).map(({ id }) => id)).toEqual([ID]);
    server.requests.length = 0;
    await pullRepository(ID, { settings: settings() });
    expect(server.requests.filter(({ path: at }) => at.startsWith('/storage/'))).toEqual([]);
  });
});

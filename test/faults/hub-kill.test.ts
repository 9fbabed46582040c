import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hubSettings, listCache, verifyCache } from '@maskloom/hub';
import { HubServer } from '../../packages/hub/src/client/hub-server.test.helper.js';

const ID = 'owner/model';
const MODEL = randomBytes(6_000_000);
const SHA = createHash('sha256').update(MODEL).digest('hex');
const script = fileURLToPath(new URL('./hub-pull.mjs', import.meta.url));

const server = new HubServer();
const home = mkdtempSync(join(tmpdir(), 'maskloom-hub-kill-'));
beforeAll(async () => {
  await server.start();
  server.add(ID, { 'config.json': '{}', 'onnx/model.onnx': MODEL, 'tokenizer.json': randomBytes(5000) });
});
afterAll(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Pulls in a process of its own, killed after so many bytes have come. */
async function pull(killAfter: number): Promise<'done' | 'killed'> {
  const child = spawn(process.execPath, [script, ID, server.endpoint, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  const blobs = join(home, 'hub', 'models--owner--model', 'blobs');
  const here = (): number => {
    const found = existsSync(blobs) ? readdirSync(blobs).find((name) => name.startsWith(SHA)) : undefined;
    return found === undefined ? 0 : readFileSync(join(blobs, found)).length;
  };
  const start = here();
  const watch = setInterval(() => {
    if (here() - start >= killAfter) child.kill('SIGKILL');
  }, 3);
  const signal = await new Promise((resolve) => child.on('exit', (_, how) => resolve(how)));
  clearInterval(watch);
  return signal === 'SIGKILL' ? 'killed' : (out as 'done');
}

it('a pull killed at ten random instants goes on each time, and the file ends up right', async () => {
  server.faults.pace = 40_000;
  const settings = hubSettings({ HF_HOME: home }, { endpoint: server.endpoint });
  for (let i = 0; i < 10; i++) {
    const before = server.requests.length;
    expect(await pull(Math.floor(Math.random() * 500_000))).toBe('killed');
    // Whatever has its name is whole and right.
    expect(await verifyCache(settings)).toEqual([]);
    const part = server.requests.slice(before).find(({ path }) => path.startsWith('/storage/'));
    if (i > 0 && part !== undefined) expect(part.range).toMatch(/^(bytes=\d+-)?$/);
  }
  server.faults.pace = Infinity;
  const before = server.requests.length;
  expect(await pull(Infinity)).toBe('done');
  const last = server.requests.slice(before).find(({ path }) => path === `/storage/${SHA}`);
  expect(last?.range).toMatch(/^bytes=[1-9]\d*-$/);
  const [cached] = await listCache(settings);
  expect(cached?.revisions[0]?.files).toEqual(['config.json', 'onnx/model.onnx', 'tokenizer.json']);
  expect(await verifyCache(settings)).toEqual([]);
  const blobs = readdirSync(join(home, 'hub', 'models--owner--model', 'blobs'));
  expect(blobs.filter((name) => name.includes('incomplete'))).toEqual([]);
});

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';

const SERVER = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);

/** Tests that need Redis: skipped by name where there is none, a failure under CI. */
export const describeWithRedis =
  SERVER === undefined && process.env['CI'] === undefined ? describe.skip : describe;

/** A Redis of the test's own. */
export interface TestRedis extends AsyncDisposable {
  readonly port: number;
  /** Database 0 of it. */
  readonly url: string;
  /** Ends it by `SIGKILL`. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what its append-only file holds. */
  start(): Promise<void>;
}

/** Starts Redis with an append-only file on a free port of the loopback interface. */
export async function startRedis(folder: string, ...more: readonly string[]): Promise<TestRedis> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const args = [
      '--bind',
      '127.0.0.1',
      '--port',
      `${port}`,
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'yes',
    ];
    child = spawn(SERVER ?? 'redis-server', [...args, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    const ended = new Promise<never>((_, reject) => {
      child?.once('error', reject);
      child?.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
    });
    const ready = new Promise<void>((resolve) => {
      child?.stdout?.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-2000);
        if (said.includes('Ready to accept connections')) resolve();
      });
    });
    await Promise.race([ready, ended]);
    ended.catch(() => undefined);
  };
  const kill = async (): Promise<void> => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return { port, url: `redis://127.0.0.1:${port}/0`, kill, start, [Symbol.asyncDispose]: kill };
}

/** A port of the loopback interface that nothing uses. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 30_000): Promise<void> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > ms)
      throw new Error(`it did not hold within ${ms} ms: ${holds.toString()}`);
    await delay(20);
  }
}

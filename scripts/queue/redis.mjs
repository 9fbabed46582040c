// A Redis of the caller's own, on a free port of the loopback interface, with an append-only file.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';

export const SERVER = ['redis-server', 'valkey-server'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

/** Starts Redis; `kill` ends it by SIGKILL, `start` brings it back on the same port with what its file holds. */
export async function startRedis(folder, ...more) {
  if (SERVER === undefined) throw new Error('redis-server is not installed: apt-get install redis-server');
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  let child;
  const start = async () => {
    const args = [
      '--bind',
      '127.0.0.1',
      '--port',
      port,
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'yes',
    ];
    child = spawn(SERVER, [...args.map(String), ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve, reject) => {
      let said = '';
      child.once('exit', (code) => reject(new Error(`${SERVER} ended with ${code}: ${said}`)));
      child.stdout.on('data', (chunk) => {
        said = (said + chunk).slice(-2000);
        if (said.includes('Ready to accept connections')) resolve();
      });
    });
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return { port, url: `redis://127.0.0.1:${port}/0`, kill, start };
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

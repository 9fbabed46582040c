// The guide and deploy/, followed in clean folders. No container engine is at hand: what the containers would run is run as
// processes.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { afterEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeWithRedis, freePort, startRedis, until } from '../faults/queue/redis.js';
import { ROOT, temporaryFolder } from '../faults/workbench.js';

const execute = promisify(execFile);
const COMMAND = join(ROOT, 'packages/cli/dist/main.js');
const children = new Set<ChildProcess>();

interface Service {
  readonly command: string | readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly deploy?: { readonly replicas: number };
}
const deploy = (name: string): string => readFileSync(join(ROOT, 'deploy', name), 'utf8');
const { services } = parse(deploy('compose.yaml'), { merge: true }) as { services: Record<string, Service> };

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

describeWithRedis('a cluster', () => {
  it('comes up as the guide says, line by line', { timeout: 300_000 }, async () => {
    await using place = await temporaryFolder();
    const page = readFileSync(join(ROOT, 'docs/guides/cluster.md'), 'utf8');
    const block = /<!-- followed -->\s*```sh\n([^`]*)```/.exec(page)?.[1] ?? '';
    const [redis, door] = [await freePort(), await freePort()];
    const lines = block.replaceAll('6379', `${redis}`).replaceAll('8700', `${door}`);
    mkdirSync(join(place.path, 'bin'));
    const shim = `#!/bin/sh\nexec "${process.execPath}" "${COMMAND}" "$@"\n`;
    writeFileSync(join(place.path, 'bin/maskloom'), shim, { mode: 0o755 });
    const out = join(place.path, 'out.log');
    const file = openSync(out, 'w');
    const shell = spawn('bash', ['-ec', lines], {
      cwd: place.path,
      env: { ...process.env, PATH: `${join(place.path, 'bin')}:${process.env['PATH']}` },
      stdio: ['ignore', file, file],
      detached: true,
    });
    const code = await new Promise((resolve) => shell.once('exit', resolve));
    // What the shell started ends with it.
    if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
    closeSync(file);
    const stdout = readFileSync(out, 'utf8');
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/\b9\/9 units; tables: run\/tables/);
    expect(stdout).toMatch(/no run\ngroups: 0 waiting, 0 under way, 0 failed/);
    expect(stdout).not.toMatch(/[\da-f]{64}/);
  });

  it(
    'is what compose.yaml describes: weights and pictures come from the coordinator, secrets stay hidden',
    { timeout: 300_000 },
    async () => {
      await using place = await temporaryFolder();
      const [password, token] = ['hush-'.repeat(8), 'token-'.repeat(8)];
      await using redis = await startRedis(join(place.path, 'redis'), '--requirepass', password);
      const [door, metrics] = [await freePort(), await freePort()];
      // Weights that no worker has: the embedded bundle under another name.
      cpSync(join(ROOT, 'packages/bundle-tiny/bundle'), join(place.path, 'bundle'), { recursive: true });
      const manifest = join(place.path, 'bundle/bundle.json');
      writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"tiny"', '"little"'));
      await execute(process.execPath, [
        COMMAND,
        'data',
        'synth',
        '--out',
        join(place.path, 'data'),
        '--count',
        '2',
      ]);
      const start = (service: string, name: string, more: readonly string[]): ChildProcess => {
        const { command, environment } = services[service] as Service;
        const args = [command].flat().map((word) =>
          word
            .replace(/^\/data$/, join(place.path, 'data'))
            .replace(/^\/runs/, join(place.path, 'runs'))
            .replace('coordinator:8700', `127.0.0.1:${door}`)
            .replace('0.0.0.0:8700', `127.0.0.1:${door}`)
            .replace('0.0.0.0:9464', `127.0.0.1:${metrics}`),
        );
        const given = Object.fromEntries(
          Object.entries(environment).map(([key, value]) => [
            key,
            value
              .replace('redis:6379', `127.0.0.1:${redis.port}`)
              .replace(/\$\{MASKLOOM_QUEUE_PASSWORD.*\}/, password)
              .replace(/\$\{MASKLOOM_QUEUE_TOKEN.*\}/, token),
          ]),
        );
        mkdirSync(join(place.path, name), { recursive: true });
        const child = spawn(process.execPath, [COMMAND, ...args, ...more], {
          cwd: join(place.path, name),
          env: { ...process.env, ...given, MASKLOOM_CACHE: join(place.path, name, 'cache') },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        children.add(child);
        return child;
      };
      const head = start('coordinator', 'head', [
        ...['--bundle', join(place.path, 'bundle'), '--system', 'stacked-seg/single', '--limit', '2'],
      ]);
      let said = '';
      for (const stream of [head.stdout, head.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
      const workers = Array.from({ length: services['worker']?.deploy?.replicas ?? 0 }, (_, i) =>
        start('worker', `worker ${i}`, ['--once']),
      );
      expect(workers).toHaveLength(2);
      await until(() =>
        fetch(`http://127.0.0.1:${metrics}/metrics`).then(
          () => true,
          () => false,
        ),
      );
      expect(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()).toMatch(
        /^maskloom_units_waiting \d/m,
      );
      expect((await fetch(`http://127.0.0.1:${door}/bundles/x`)).status).toBe(401);
      // A password in the address is gone from the list of processes before the command works.
      const asked = spawn(
        process.execPath,
        [COMMAND, ...['queue', 'drain', '--queue', `redis://:${password}@127.0.0.1:${redis.port}/0`]],
        { env: { ...process.env, MASKLOOM_QUEUE_TOKEN: token } },
      );
      children.add(asked);
      await new Promise((resolve) => asked.stdout.once('data', resolve));
      expect(commandLines()).not.toMatch(/hush-|token-/);
      await execute(
        process.execPath,
        [COMMAND, 'queue', 'resume', '--queue', `redis://127.0.0.1:${redis.port}`],
        {
          env: { ...process.env, MASKLOOM_QUEUE_TOKEN: token, MASKLOOM_QUEUE_PASSWORD: password },
        },
      );
      expect(await new Promise((resolve) => head.once('close', resolve)), said).toBe(0);
      expect(said).toMatch(/ units; tables: /);
      const ledger = readFileSync(join(place.path, 'runs/run/ledger.jsonl'), 'utf8');
      const plan = readFileSync(join(place.path, 'runs/run/run.json'), 'utf8');
      expect(`${said}${ledger}${plan}`).not.toMatch(/hush-|token-/);
      const fetched = workers
        .map((_, i) => join(place.path, `worker ${i}/cache/queue/bundles`))
        .filter(existsSync);
      expect(fetched.flatMap((folder) => readdirSync(folder)).length).toBeGreaterThan(0);
    },
  );

  it('speaks TLS', async () => {
    await using place = await temporaryFolder();
    const [key, cert] = [join(place.path, 'key.pem'), join(place.path, 'cert.pem')];
    await execute('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
    ]);
    const tls = await freePort();
    await using _redis = await startRedis(
      join(place.path, 'redis'),
      ...['--tls-port', `${tls}`, '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'],
    );
    const env = { ...process.env, MASKLOOM_QUEUE_TOKEN: 'a token for this test' };
    const ask = (more: object): Promise<{ readonly stdout: string }> =>
      execute(process.execPath, [COMMAND, 'queue', 'status', '--queue', `rediss://localhost:${tls}/0`], {
        env: { ...env, ...more },
      });
    expect((await ask({ NODE_EXTRA_CA_CERTS: cert })).stdout).toContain('no run');
    await expect(ask({})).rejects.toMatchObject({
      stderr: expect.stringMatching(/QUEUE_UNREACHABLE.*certificate/),
    });
  });
});

it('deploy/Dockerfile and deploy/compose.yaml have no error that a linter knows', () => {
  expect(validate(deploy('Dockerfile')).map(({ message }) => message)).toEqual([]);
  expect(validate('FORM node\n')).not.toEqual([]);
  const lint = (file: string): number | null =>
    spawnSync(process.execPath, [
      join(ROOT, 'node_modules/dclint/bin/dclint.cjs'),
      '--max-warnings',
      '99',
      file,
    ]).status;
  expect(lint(join(ROOT, 'deploy/compose.yaml'))).toBe(0);
});

/** Command lines of every process of this machine. */
function commandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => !line.includes('redis-server'))
    .join('\n');
}

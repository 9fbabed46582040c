import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The repository's root folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** A local npm registry: what is published stays in it, everything else comes from the registry that npm is set to here. */
export class LocalRegistry {
  private constructor(
    /** Its address, with a slash at the end. */
    readonly url: string,
    private readonly folder: string,
    private readonly server: ChildProcess,
  ) {}

  /** Installs the server when it is missing, and starts an empty registry. */
  static async start(): Promise<LocalRegistry> {
    const program = await install();
    const folder = await mkdtemp(join(tmpdir(), 'maskloom-registry-'));
    const url = `http://127.0.0.1:${await freePort()}/`;
    const settings = join(folder, 'config.json');
    await writeFile(settings, JSON.stringify(await settingsOf(folder)));
    const cafile = await npmSetting('cafile');
    const server = spawn(process.execPath, [program, '--config', settings, '--listen', url], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...(cafile !== 'null' && { NODE_EXTRA_CA_CERTS: cafile }), ...process.env },
    });
    const registry = new LocalRegistry(url, folder, server);
    await registry.#answers();
    return registry;
  }

  /** Publishes a tarball. */
  async publish(tarball: string): Promise<void> {
    // npm asks for a login before it asks the registry, which takes packages from anyone.
    const token = `--${this.url.replace(/^http:/, '')}:_authToken=anyone`;
    const args = ['publish', tarball, '--ignore-scripts', '--loglevel=error', '--registry', this.url, token];
    await execute('npm', args, { cwd: this.folder });
  }

  /** Ends the server and removes what was published. */
  async stop(): Promise<void> {
    this.server.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    let said = '';
    this.server.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    for (let tries = 0; tries < 300; tries++) {
      if (this.server.exitCode !== null) throw new Error(`The local registry did not start.\n${said}`);
      const there = await fetch(`${this.url}-/ping`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (there) return;
      await delay(100);
    }
    throw new Error(`The local registry does not answer.\n${said}`);
  }
}

/** The server, installed from its own lock file beside the repository's packages. */
async function install(): Promise<string> {
  const place = join(ROOT, 'node_modules/.cache/maskloom-registry');
  const source = join(import.meta.dirname, 'registry');
  const lock = await readFile(join(source, 'package-lock.json'), 'utf8');
  const marker = join(place, 'installed-lock.json');
  if ((await readFile(marker, 'utf8').catch(() => '')) !== lock) {
    await mkdir(place, { recursive: true });
    await cp(source, place, { recursive: true });
    await execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: place,
    });
    await writeFile(marker, lock);
  }
  return join(place, 'node_modules/verdaccio/bin/verdaccio');
}

async function settingsOf(folder: string): Promise<object> {
  const own = { access: '$all', publish: '$all' };
  return {
    storage: join(folder, 'packages'),
    uplinks: { upstream: { url: await npmSetting('registry') } },
    packages: { maskloom: own, '@maskloom/*': own, '**': { access: '$all', proxy: 'upstream' } },
    max_body_size: '300mb',
    log: { type: 'stdout', format: 'json', level: 'fatal' },
  };
}

async function npmSetting(name: string): Promise<string> {
  return (await execute('npm', ['config', 'get', name], { cwd: ROOT })).stdout.trim();
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

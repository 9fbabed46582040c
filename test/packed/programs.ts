import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { freshEnvironment } from './environment.js';

const execute = promisify(execFile);

/** Versions; this process's own where none is given. */
export interface Versions {
  readonly node: string | undefined;
  readonly npm: string | undefined;
}

/**
 * A folder whose `node`, `npm` and `npx` have these versions, from npm's packages of Node's binaries and of npm.
 * @returns undefined when nothing other than this process's is asked for
 */
export async function program({ node, npm }: Versions): Promise<string | undefined> {
  if (node === undefined && npm === undefined) return undefined;
  const folder = join(inject('home'), `node-${node ?? 'own'}-npm-${npm ?? 'own'}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }));
  const binaries = `node-${process.platform}-${process.arch}`;
  const wanted = [
    ...(node === undefined ? [] : [`${binaries}@${node}`]),
    ...(npm === undefined ? [] : [`npm@${npm}`]),
  ];
  const env = await freshEnvironment(inject('home'), inject('registry'));
  await execute('npm', ['install', '--no-save', '--no-audit', '--no-fund', ...wanted], { cwd: folder, env });
  const packages = join(folder, 'node_modules');
  const nodeFile = node === undefined ? process.execPath : join(packages, binaries, 'bin/node');
  await command(folder, 'node', nodeFile);
  if (npm !== undefined) {
    for (const name of ['npm', 'npx'])
      await command(folder, name, nodeFile, join(packages, `npm/bin/${name}-cli.js`));
  }
  return folder;
}

async function command(folder: string, name: string, ...words: readonly string[]): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  await chmod(file, 0o755);
}

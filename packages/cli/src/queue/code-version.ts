import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import { VERSION } from '../version.js';

const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/**
 * Version of the command and the first digits of a SHA-256 over the code of every Maskloom package that it runs with: two
 * machines that answer one run must agree in it.
 * @returns e.g. `0.1.0+1a2b3c4d5e6f`
 */
export function codeVersion(): string {
  const sum = createHash('sha256');
  const seen = new Set<string>();
  const queue = [join(dirname(fileURLToPath(import.meta.url)), '../../package.json')];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const { dependencies } = manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    for (const name of Object.keys(dependencies).filter((one) => one.startsWith('@maskloom/')))
      queue.push(join(packageFolder(name, path), 'package.json'));
    for (const file of compiled(join(dirname(path), 'dist')))
      sum.update(createHash('sha256').update(readFileSync(file)).digest());
  }
  return `${VERSION}+${sum.digest('hex').slice(0, 12)}`;
}

/** The folder of a package as another one finds it: manifests are not among what packages export. */
function packageFolder(name: string, from: string): string {
  const found = createRequire(from)
    .resolve.paths(name)
    ?.map((folder) => join(folder, name))
    .find((folder) => existsSync(join(folder, 'package.json')));
  if (found === undefined) throw new MaskloomError('INTERNAL', `The package ${name} is not installed.`);
  return realpathSync(found);
}

function compiled(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js') && !/\.test[.-]/.test(file))
    .sort()
    .map((file) => join(folder, file));
}

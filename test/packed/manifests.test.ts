import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from './local-registry.js';

const execute = promisify(execFile);
const packed = inject('packed');

interface Manifest {
  readonly description?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly repository?: { readonly url?: string; readonly directory?: string };
  readonly engines?: { readonly node?: string };
  readonly exports?: Record<string, string | Record<string, string>>;
  readonly scripts?: Record<string, string>;
}

describe.each(packed.map((one) => [one.name, one] as const))('the package %s', (name, { tarball, files }) => {
  let folder: string;
  let manifest: Manifest;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maskloom-tarball-'));
    await execute('tar', ['xzf', tarball, '-C', folder, '--strip-components=1']);
    manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says what it is, where it comes from and what it needs', async () => {
    expect(manifest.description).toMatch(/\S/);
    expect(manifest.keywords?.length).toBeGreaterThan(2);
    expect(manifest.repository?.url).toMatch(/^git\+https:/);
    expect(manifest.repository?.directory).toMatch(/\S/);
    expect(manifest.engines?.node).toBe('>=20.19');
    expect(Object.keys(manifest.scripts ?? {})).not.toContain('postinstall');
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toMatch(/^# .+\n[^]*^```(ts|js|sh)\n/m);
    if (manifest.license === 'Apache-2.0')
      expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toBe(
        await readFile(join(ROOT, 'LICENSE'), 'utf8'),
      );
  });

  it('holds what its exports promise, sources for its source maps, and no tests', async () => {
    const promised = Object.values(manifest.exports ?? {}).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    for (const path of promised) expect(files).toContain(path.replace('./', ''));
    for (const path of files) {
      expect(path).not.toMatch(/\.test\b|\.tsbuildinfo$/);
      if (!path.endsWith('.map')) continue;
      const { sources } = JSON.parse(await readFile(join(folder, path), 'utf8')) as {
        readonly sources: readonly string[];
      };
      for (const source of sources) expect(files).toContain(join(path, '..', source));
    }
  });

  it('has nothing that publint or "are the types wrong" object to', async () => {
    const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);

    if (manifest.exports === undefined || !Object.hasOwn(manifest.exports, '.')) return;
    const checked = await checkPackage(createPackageFromTarballData(await readFile(tarball)));
    // ES modules alone: the old resolution of TypeScript, which knows no exports, is not served, and require() is Node's own.
    const problems = checked.types === false ? ['no types'] : checked.problems;
    expect(
      problems.filter(
        (one) =>
          typeof one === 'string' ||
          // A style sheet has no types.
          !(
            ('resolutionKind' in one && ['node10', 'node16-cjs'].includes(one.resolutionKind)) ||
            ('entrypoint' in one && one.entrypoint.endsWith('.css'))
          ),
      ),
      name,
    ).toEqual([]);
  });
});

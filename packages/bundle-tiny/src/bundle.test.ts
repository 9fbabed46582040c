import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundleDirectory, bundleVersion } from './index.js';

interface FileEntry {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}
interface Manifest {
  readonly schema: string;
  readonly version: string;
  readonly models: Readonly<Record<string, FileEntry>>;
  readonly tokenizer: { readonly files: readonly FileEntry[] };
  readonly recipes: Readonly<Record<string, { readonly models: Readonly<Record<string, string>> }>>;
}

const read = (file: string): Buffer => readFileSync(new URL(file, bundleDirectory));
const manifest = JSON.parse(read('bundle.json').toString('utf8')) as Manifest;

describe('the embedded bundle', () => {
  it('has the version of its package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', bundleDirectory), 'utf8')) as {
      version: string;
    };
    expect(bundleVersion).toBe(version);
    expect(manifest.version).toBe(version);
    expect(manifest.schema).toBe('maskloom.bundle/1');
  });

  it.each([...Object.values(manifest.models), ...manifest.tokenizer.files].map((entry) => [entry.file, entry] as const))(
    'holds %s as the manifest says',
    (file, entry) => {
      expect(statSync(new URL(file, bundleDirectory)).size).toBe(entry.bytes);
      expect(createHash('sha256').update(read(file)).digest('hex')).toBe(entry.sha256);
    },
  );

  it('names a model that exists for every role of every recipe', () => {
    expect(Object.keys(manifest.recipes)).toEqual(
      expect.arrayContaining([
        ...['read/full', 'read/points', 'read/seg', 'read/seg-points'],
        ...['stacked-seg/several', 'stacked-seg/single'],
      ]),
    );
    for (const recipe of Object.values(manifest.recipes)) {
      for (const model of Object.values(recipe.models)) expect(manifest.models).toHaveProperty([model]);
    }
  });
});

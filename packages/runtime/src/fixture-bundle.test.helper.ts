import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelPort } from '@maskloom/core';

/** A bundle in a temporary folder, made of the fixture graphs. */
export interface FixtureBundle {
  readonly directory: string;
  /** The manifest as written; change it and call `write` again. */
  readonly manifest: FixtureManifest;
  write(manifest?: unknown): void;
  remove(): void;
}

type Model = {
  file: string;
  bytes: number;
  sha256: string;
  dtype: string;
  inputs: ModelPort[];
  outputs: ModelPort[];
};
export interface FixtureManifest {
  schema: string;
  models: Record<string, Model>;
  presets: Record<string, unknown>;
  recipes: Record<string, { models: Record<string, string>; presets?: Record<string, unknown> }>;
  [other: string]: unknown;
}

const FIXTURES = new URL('../fixtures/', import.meta.url);
const float = (name: string, ...shape: (string | number)[]): ModelPort => ({ name, dtype: 'float32', shape });

const PORTS: Record<string, [inputs: ModelPort[], outputs: ModelPort[]]> = {
  add: [
    [float('x', 'N', 2), float('y', 'N', 2)],
    [float('sum', 'N', 2), float('product', 'N', 2)],
  ],
  concat: [[float('past', 'B', 'past', 4), float('new', 'B', 'T', 4)], [float('present', 'B', 'total', 4)]],
  ids: [
    [{ name: 'ids', dtype: 'int64', shape: ['N'] }],
    [
      { name: 'doubled', dtype: 'int64', shape: ['N'] },
      { name: 'positive', dtype: 'bool', shape: ['N'] },
    ],
  ],
  slow: [[float('x', 'M', 'M')], [float('y', 'M', 'M')]],
};

/** SHA-256 of bytes, hexadecimal. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Makes the bundle; two recipes share the model `add`. */
export function fixtureBundle(): FixtureBundle {
  const directory = mkdtempSync(join(tmpdir(), 'maskloom-bundle-'));
  const models: FixtureManifest['models'] = {};
  for (const [id, [inputs, outputs]] of Object.entries(PORTS)) {
    const file = `${id}.onnx`;
    copyFileSync(new URL(file, FIXTURES), join(directory, file));
    const bytes = readFileSync(join(directory, file));
    models[id] = { file, bytes: bytes.length, sha256: sha256(bytes), dtype: 'float32', inputs, outputs };
  }
  const manifest: FixtureManifest = {
    schema: 'maskloom.bundle/1',
    name: 'fixture',
    version: '1.0.0',
    license: 'Apache-2.0',
    origin: { trainedBy: 'nobody' },
    models,
    presets: { thing: { size: 4, nested: { a: 1, b: 2 }, list: [1, 2, 3] } },
    recipes: {
      'test/one': { models: { adder: 'add', joiner: 'concat', doubler: 'ids', slow: 'slow' } },
      'test/two': { models: { sum: 'add' }, presets: { thing: { nested: { b: 7 }, list: [9] }, extra: 5 } },
    },
  };
  const write = (value: unknown = manifest): void =>
    writeFileSync(join(directory, 'bundle.json'), typeof value === 'string' ? value : JSON.stringify(value));
  write();
  return { directory, manifest, write, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

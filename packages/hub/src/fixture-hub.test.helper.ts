import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { HostTensor } from '@maskloom/core';
import { HubServer, type ServedRepository } from './client/hub-server.test.helper.js';
import { readSafetensors, type NamedWeight } from './client/safetensors.js';
import { hubSettings, type HubSettings } from './client/settings.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** A hub on this machine with ready-made repositories from the fixtures, and a cache that is thrown away. */
export class FixtureHub {
  readonly server = new HubServer();
  readonly home = mkdtempSync(join(tmpdir(), 'maskloom-ready-'));

  /** The files of a fixture, graphs unpacked. */
  files(name: string): Record<string, Buffer> {
    const folder = join(FIXTURES, name);
    const files: Record<string, Buffer> = {};
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name === 'golden.safetensors') continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      const packed = path.endsWith('.gz');
      files[relative(folder, packed ? path.slice(0, -3) : path)] = packed ? gunzipSync(bytes) : bytes;
    }
    return files;
  }

  /** Serves a fixture as `test/name`, with some files changed or (`undefined`) left out. */
  serve(
    name: string,
    changes: Readonly<Record<string, Buffer | string | undefined>> = {},
    more: Partial<ServedRepository> = {},
    as = `test/${name}`,
  ): string {
    const files = Object.entries({ ...this.files(name), ...changes }).filter(
      ([, file]) => file !== undefined,
    );
    this.server.add(as, Object.fromEntries(files) as Record<string, Buffer | string>, more);
    return as;
  }

  settings(more: Partial<HubSettings> = {}): HubSettings {
    return hubSettings({ HF_HOME: this.home }, { endpoint: this.server.endpoint, retryDelay: 5, ...more });
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/**
 * A tokenizer of whole words for the random text towers of the fixtures, with the marks of both.
 * @param words - ids by word; not those of the marks
 * @param marks - ids of tokens that are written as they are
 */
export function wordTokenizer(
  words: Readonly<Record<string, number>>,
  marks: Readonly<Record<string, number>> = {
    '<|startoftext|>': 0,
    '</s>': 1,
    '<unk>': 2,
    '<|endoftext|>': 98,
  },
): Record<string, string> {
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const tokenizer = {
    version: '1.0',
    added_tokens: Object.entries(marks).map(([content, id]) => ({ id, content, ...plain })),
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab: { ...marks, '.': 97, ...words }, unk_token: '<unk>' },
  };
  return { 'tokenizer.json': JSON.stringify(tokenizer) };
}

/** Inputs of a fixture and what PyTorch gives for them. */
export async function golden(name: string): Promise<(key: string) => NamedWeight> {
  const bytes = readFileSync(join(FIXTURES, name, 'golden.safetensors'));
  const all = await readSafetensors(
    async (from, to) => bytes.subarray(from, to),
    () => true,
    name,
  );
  return (key) => {
    const found = all.get(key);
    if (found === undefined) throw new Error(`${name} has no golden '${key}'`);
    return found;
  };
}

/** As a model's float32 input. */
export function floats({ shape, values }: NamedWeight): HostTensor {
  return { dtype: 'float32', dims: shape, data: values };
}

/** As a model's int64 input. */
export function ids({ shape, values }: NamedWeight): HostTensor {
  return { dtype: 'int64', dims: shape, data: BigInt64Array.from(values, BigInt) };
}

/** Largest difference of two lists, and the largest of the second's magnitudes. */
export function difference(
  a: Float32Array,
  b: Float32Array,
): { readonly most: number; readonly range: number } {
  let [most, range] = [a.length === b.length ? 0 : Infinity, 0];
  b.forEach((value, i) => {
    most = Math.max(most, Math.abs(value - (a[i] ?? NaN)));
    range = Math.max(range, Math.abs(value));
  });
  return { most: Number.isNaN(most) ? Infinity : most, range };
}

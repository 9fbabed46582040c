import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { MaskloomError } from '@maskloom/core';
import { HashMemory } from './hash-memory.js';
import type { FileState } from './hash-memory.js';
import type { BundleFile } from './manifest.js';

/** Hashes being computed in this process, by path, size, time of change and inode: several pipelines open the same files. */
const KNOWN = new Map<string, Promise<string>>();

/** How a file is checked. */
export interface CheckOptions {
  /** True to read the file whatever is remembered of it. */
  readonly anew?: boolean;
  /** Hashes of other processes; Maskloom's cache when absent. */
  readonly memory?: HashMemory;
}

/**
 * Compares a file with what its manifest says. A large file that was hashed before, by any process, and has not changed
 * since (path, size, time of change, inode) is not read again.
 * @throws MaskloomError BUNDLE_HASH_MISMATCH naming the field: the size first (cheap), then SHA-256.
 */
export async function checkFile(
  path: string,
  expected: BundleFile,
  field: string,
  options: CheckOptions = {},
): Promise<void> {
  const { size } = await stat(path);
  if (size !== expected.bytes) {
    throw mismatch(expected.file, `${field}.bytes`, `has ${size} bytes, the manifest says ${expected.bytes}`);
  }
  const hash = await knownHash(path, options);
  if (hash !== expected.sha256) {
    throw mismatch(
      expected.file,
      `${field}.sha256`,
      `has SHA-256 ${hash}, the manifest says ${expected.sha256}`,
    );
  }
}

/**
 * SHA-256 (lower-case hexadecimal) of a file, from memory when it has not changed since it was last read.
 * @param path - links are followed
 */
export async function knownHash(path: string, options: CheckOptions = {}): Promise<string> {
  const { anew = false, memory = new HashMemory() } = options;
  const state = await stateOf(path);
  const key = `${path}\n${state.size} ${state.mtimeNs} ${state.ino}`;
  if (anew) KNOWN.delete(key);
  return once(key, async () => {
    const remembered = anew ? undefined : await memory.recall(state);
    if (remembered !== undefined) return remembered;
    const hash = await sha256OfFile(path);
    const after = await stateOf(path);
    // A file that was written to meanwhile is another one by now.
    if (after.mtimeNs === state.mtimeNs && after.size === state.size) await memory.learn(state, hash);
    return hash;
  });
}

/** SHA-256 (lower-case hexadecimal) of a file, read as a stream. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 22 }), hash);
  return hash.digest('hex');
}

async function stateOf(path: string): Promise<FileState> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  return { path, size, mtimeNs, ino };
}

function once(key: string, compute: () => Promise<string>): Promise<string> {
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const fresh = compute();
  KNOWN.set(key, fresh);
  // A failed read is not knowledge.
  fresh.catch(() => KNOWN.delete(key));
  return fresh;
}

function mismatch(file: string, where: string, difference: string): MaskloomError {
  return new MaskloomError('BUNDLE_HASH_MISMATCH', `the file '${file}' ${difference}`, {
    where,
    hint: 'The file was changed or cut short; fetch or export the bundle again.',
  });
}

import { createHash } from 'node:crypto';
import { open, realpath, stat } from 'node:fs/promises';
import { MaskloomError } from '@maskloom/core';
import { HashMemory } from './hash-memory.js';
import type { FileState } from './hash-memory.js';
import type { BundleFile } from './manifest.js';

/** Hashes being computed in this process, by the state of the file: several pipelines open the same files. */
const KNOWN = new Map<string, Promise<string>>();

/** Bytes that are read at a time. */
const PIECE = 1 << 20;
/** Clocks of file systems tick; a file may change within the tick in which it was written without showing it. */
const TICK_MS = 20;

/** How a file is checked. */
export interface CheckOptions {
  /** True to read the file whatever is remembered of it. */
  readonly anew?: boolean;
  /** Hashes of other processes; Maskloom's cache when absent. */
  readonly memory?: HashMemory;
}

/**
 * Compares a file with what its manifest says. A file that was hashed before, by any process, and has not changed
 * since (path, size, times of writing and of change, inode) is not read again.
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
  const state = await fileState(path);
  const key = `${state.path}\n${state.size} ${state.mtimeNs} ${state.ctimeNs} ${state.ino}`;
  if (anew) KNOWN.delete(key);
  return once(key, async () => {
    const remembered = anew ? undefined : await memory.recall(state);
    if (remembered !== undefined) return remembered;
    const settled = BigInt(Date.now() - TICK_MS) * 1_000_000n > state.ctimeNs;
    const hash = await sha256OfFile(path);
    const after = await fileState(path);
    // A file that was written to meanwhile is another one by now.
    const same = after.ctimeNs === state.ctimeNs && after.size === state.size;
    if (same && settled) await memory.learn(state, hash);
    return hash;
  });
}

/** SHA-256 (lower-case hexadecimal) of a file, read piece by piece. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const { size } = await file.stat();
    // One buffer for all pieces: fresh ones cost more time than the hash of a small file.
    const piece = Buffer.allocUnsafe(Math.min(PIECE, size + 1));
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/**
 * What tells whether a file is what it was.
 * @param path - links are followed: the state names the file itself
 */
export async function fileState(path: string): Promise<FileState> {
  const real = await realpath(path);
  const { size, mtimeNs, ctimeNs, ino } = await stat(real, { bigint: true });
  return { path: real, size, mtimeNs, ctimeNs, ino };
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

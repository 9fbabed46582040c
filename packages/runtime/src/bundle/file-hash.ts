import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { MaskloomError } from '@maskloom/core';
import type { BundleFile } from './manifest.js';

/**
 * SHA-256 of files already read in this process, by path, size and time of change. Models are large
 * and several pipelines open the same ones; a file that changes gets a new key.
 */
const KNOWN = new Map<string, Promise<string>>();

/**
 * Compares a file with what its manifest says.
 * @throws MaskloomError BUNDLE_HASH_MISMATCH naming the field: the size first (cheap), then SHA-256.
 */
export async function checkFile(path: string, expected: BundleFile, field: string): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  if (size !== expected.bytes) {
    throw mismatch(expected.file, `${field}.bytes`, `has ${size} bytes, the manifest says ${expected.bytes}`);
  }
  const key = `${path}\n${size}\n${mtimeMs}`;
  const hash = await remember(key, () => sha256OfFile(path));
  if (hash !== expected.sha256) {
    throw mismatch(
      expected.file,
      `${field}.sha256`,
      `has SHA-256 ${hash}, the manifest says ${expected.sha256}`,
    );
  }
}

/** SHA-256 (lower-case hexadecimal) of a file, read as a stream. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function remember(key: string, compute: () => Promise<string>): Promise<string> {
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

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/**
 * The digest that an ETag stands for: SHA-256 of the contents where it has 64 hexadecimal digits, git's SHA-1 of
 * `blob {size}\0` and the contents where it has 40; `undefined` where it is no digest.
 */
export function hashFor(etag: string, size: number): Hash | undefined {
  if (/^[0-9a-f]{64}$/.test(etag)) return createHash('sha256');
  if (/^[0-9a-f]{40}$/.test(etag)) return createHash('sha1').update(`blob ${size}\0`);
  return undefined;
}

/** Feeds a file to a digest. */
export async function addFile(hash: Hash, path: string): Promise<void> {
  await pipeline(
    createReadStream(path, { highWaterMark: 1 << 22 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) hash.update(chunk);
    },
  );
}

/**
 * Whether a file is what its ETag says.
 * @returns false where size or digest differ
 */
export async function matches(path: string, etag: string, size: number): Promise<boolean> {
  const hash = hashFor(etag, size);
  if (hash === undefined) return true;
  await addFile(hash, path);
  return hash.digest('hex') === etag;
}

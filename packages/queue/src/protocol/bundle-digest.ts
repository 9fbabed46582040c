import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a bundle is known by: SHA-256 of its manifest, which names the SHA-256 of every file.
 * @param folder - has `bundle.json`
 * @returns 64 hexadecimal digits; `undefined` where there is no manifest
 */
export async function bundleDigest(folder: string): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(join(folder, 'bundle.json')))
      .digest('hex');
  } catch {
    return undefined;
  }
}

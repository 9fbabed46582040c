import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes compiled files whose source is gone: the compiler leaves them when a file is renamed or moved to another package,
 * and they would be published.
 * @param folder a package's folder
 */
export async function removeStale(folder) {
  const dist = join(folder, 'dist');
  if (!existsSync(dist)) return;
  for (const path of await readdir(dist, { recursive: true })) {
    const stem = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path)?.[1];
    if (stem === undefined || existsSync(join(folder, 'src', `${stem}.ts`))) continue;
    await rm(join(dist, path));
  }
}

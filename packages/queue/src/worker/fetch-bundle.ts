import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MaskloomError, placeFile } from '@maskloom/core';
import { bundleFiles, folderBundle, openBundle, parseManifest } from '@maskloom/runtime';
import type { QueuedRun } from '../protocol/messages.js';
import type { Sealer } from '../protocol/seal.js';
import { fetchInto, fetchText } from './fetch.js';

/**
 * A bundle from the coordinator, kept in the cache: each file is checked against the SHA-256 that the run names, so neither a
 * cut nor an altered one is used, and what has arrived is not asked for again.
 * @returns its folder; `undefined` when the coordinator gives none away
 * @throws MaskloomError `QUEUE_REFUSED`, `BUNDLE_INVALID`, `BUNDLE_HASH_MISMATCH`, `ABORTED`
 */
export async function fetchBundle(
  digest: string,
  { http }: QueuedRun,
  {
    cache,
    sealer,
    signal,
  }: { readonly cache: string; readonly sealer: Sealer; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const folder = join(cache, 'bundles', digest);
  const manifest = join(folder, 'bundle.json');
  if (!existsSync(manifest)) {
    if (http === undefined) return undefined;
    const ask = { http, sealer, signal };
    const text = await fetchText(`/bundles/${digest}`, ask);
    if (createHash('sha256').update(text).digest('hex') !== digest)
      throw new MaskloomError('QUEUE_REFUSED', 'The coordinator gave another bundle than the run names.', {
        where: http,
      });
    for (const { file } of bundleFiles(parseManifest(text, http))) {
      const place = join(folder, file.file);
      if (!place.startsWith(join(folder, '/')))
        throw new MaskloomError(
          'BUNDLE_PATH_ESCAPE',
          `The path '${file.file}' leads out of the bundle's folder.`,
          {
            where: http,
          },
        );
      await mkdir(dirname(place), { recursive: true });
      await fetchInto(place, `/bundles/${digest}/${file.sha256}`, file.sha256, ask);
    }
    // Last: a folder with a manifest is whole.
    placeFile(manifest, text);
  }
  await openBundle(folderBundle(folder), signal);
  return folder;
}

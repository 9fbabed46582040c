import { folderBundle, openBundle } from '@maskloom/runtime';
import { embeddedBundles } from './find-bundle.js';

/** What a list of bundles shows. */
export interface BundleSummary {
  /** The bundle's name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Its licence, an SPDX identifier. */
  readonly license: string;
  /** Its folder. */
  readonly directory: string;
  /** Size of all its files in bytes. */
  readonly bytes: number;
  /** Recipes it has models for. */
  readonly recipes: readonly string[];
  /** False when its weights say that they were never trained. */
  readonly trained: boolean;
}

/**
 * Opens (and so checks) every embedded bundle.
 * @throws MaskloomError BUNDLE_* when one is damaged
 */
export async function listBundles(signal?: AbortSignal): Promise<readonly BundleSummary[]> {
  const summaries: BundleSummary[] = [];
  for (const { directory } of embeddedBundles()) {
    const { manifest, recipes } = await openBundle(folderBundle(directory), signal);
    const files = [...Object.values(manifest.models), ...(manifest.tokenizer?.files ?? [])];
    summaries.push({
      name: manifest.name,
      version: manifest.version,
      license: manifest.license,
      directory,
      bytes: [...new Map(files.map((file) => [file.file, file.bytes])).values()].reduce(
        (sum, bytes) => sum + bytes,
        0,
      ),
      recipes,
      trained: manifest.origin['trained'] !== false,
    });
  }
  return summaries;
}

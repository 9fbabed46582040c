import { MaskloomError } from '@maskloom/core';
import { hubSettings } from '@maskloom/hub';
import { folderBundle, parseManifest } from '@maskloom/runtime';
import { hubSource } from '../hub/hub-source.js';

/** A bundle and the recipes that it has models for, as its manifest says: files are checked when it is opened. */
export interface WeightsHolder {
  /** The name that `--bundle` takes: an embedded or configured one, or a folder. */
  readonly bundle: string;
  /** Its folder, or `hub:owner/name`. */
  readonly directory: string;
  /** Ids of the recipes, `system/name`. */
  readonly recipes: readonly string[];
  /** Why it cannot be used. */
  readonly problem?: string;
}

/**
 * Reads which bundles have which recipes' models.
 * @param bundles - folders by the name to show
 */
export async function weightsHolders(
  bundles: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<readonly WeightsHolder[]> {
  return Promise.all(
    [...bundles].map(async ([bundle, directory]): Promise<WeightsHolder> => {
      try {
        // Nothing is fetched to make a list.
        const hub = hubSource(directory, { settings: { ...hubSettings(), offline: true }, memory: Infinity });
        const { manifest } = await (hub ?? folderBundle(directory)).locate(signal);
        return { bundle, directory, recipes: Object.keys(parseManifest(manifest, directory).recipes) };
      } catch (error) {
        if (!MaskloomError.is(error) || error.code === 'ABORTED') throw error;
        return { bundle, directory, recipes: [], problem: `${error.code}: ${error.message}` };
      }
    }),
  );
}

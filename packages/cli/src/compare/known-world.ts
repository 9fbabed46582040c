import type { BundleManifest } from '@maskloom/runtime';

/**
 * What is to be said of results on pictures that a bundle's models know nothing of: those trained on generated scenes
 * alone know no photographs. Nothing where the manifest's `origin.data` names no generator.
 */
export function worldNote({ name, origin }: Pick<BundleManifest, 'name' | 'origin'>): string | undefined {
  const { data } = origin;
  const generated = typeof data === 'object' && data !== null && 'generator' in data;
  if (!generated) return undefined;
  return `The models of the bundle '${name}' know only the generated scenes they were trained on: on any other picture, their masks, names and scores mean nothing.`;
}

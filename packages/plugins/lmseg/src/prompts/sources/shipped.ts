import { fileURLToPath } from 'node:url';

/**
 * Descriptions that come with this package, by name. `benchmark-classes`: the classes of COCO-Stuff (171), ADE20K (150
 * and 847), PASCAL-Context (59 and 459) and PASCAL VOC (20), one sentence for each visual attribute.
 */
export const SHIPPED_DESCRIPTIONS = ['benchmark-classes'] as const;

/** The path of descriptions that come with this package; nothing for any other name. */
export function shippedFile(name: string): string | undefined {
  const known: readonly string[] = SHIPPED_DESCRIPTIONS;
  if (!known.includes(name)) return undefined;
  return fileURLToPath(new URL(`../../../data/${name}.json`, import.meta.url));
}

import { join } from 'node:path';
import { inside } from '@maskloom/data';
import { readPanoptic, type PanopticImage } from '@maskloom/data';
import { readReferring, syntheticReferring, type ReferringQuery } from '@maskloom/data';

/** One image of a data set with all that is asked about it. */
export interface HeldOutScene {
  /** The image's id. */
  readonly id: number;
  /** Path of the image file. */
  readonly path: string;
  /** True expressions, in the order of `refer/refs.json`. */
  readonly expressions: readonly ReferringQuery[];
  /** True and false ones, in the order of `fp/refs.json`. */
  readonly premises: readonly ReferringQuery[];
  /** Its record in `annotations/panoptic.json`. */
  readonly panoptic: PanopticImage;
}

/**
 * Reads what is asked about the images of a folder in the layout of the synthetic world.
 * @param limit - the first images of `annotations/panoptic.json` only; all when absent
 * @param phrases - false leaves expressions and premises out, their files may be missing
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
 */
export async function readScenes(
  folder: string,
  limit: number | undefined,
  phrases: boolean,
): Promise<readonly HeldOutScene[]> {
  const file = join(folder, 'annotations', 'panoptic.json');
  const images = (await readPanoptic(file)).slice(0, limit);
  const expressions = phrases ? await queriesByImage(folder, 'refer') : undefined;
  const premises = phrases ? await queriesByImage(folder, 'fp') : undefined;
  return images.map((panoptic) => ({
    id: panoptic.id,
    path: inside(join(folder, 'images'), panoptic.fileName, file, `image ${panoptic.id}.file_name`),
    expressions: expressions?.get(panoptic.id) ?? [],
    premises: premises?.get(panoptic.id) ?? [],
    panoptic,
  }));
}

async function queriesByImage(
  folder: string,
  kind: 'refer' | 'fp',
): Promise<ReadonlyMap<number, readonly ReferringQuery[]>> {
  const found = new Map<number, readonly ReferringQuery[]>();
  for await (const { image, queries } of readReferring(syntheticReferring(folder, kind)))
    found.set(image.id, queries);
  return found;
}

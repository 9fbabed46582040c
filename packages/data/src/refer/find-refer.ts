import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MaskloomError, suggest } from '@maskloom/core';
import { findFirst, firstOf } from '../files/layout.js';
import type { ReferLayout } from './refer-layouts.js';

/** Where the files of a REFER data set are. */
export interface ReferPlaces {
  /** The refs: pickle or JSON. */
  readonly refs: string;
  /** COCO instances that the refs' annotations are in. */
  readonly instances: string;
  /** Folder of the images. */
  readonly images: string;
}

/**
 * Finds a REFER data set: below `refer_seg`, in its own folder, or as the synthetic world writes it.
 * @param splitBy - who split it; the layout's first that is there when absent
 * @throws MaskloomError `DATA_NOT_FOUND` naming what was looked for and the files that are there
 */
export function findRefer(root: string, layout: ReferLayout, splitBy: string | undefined): ReferPlaces {
  const { synthetic } = layout;
  if (
    splitBy === undefined &&
    synthetic !== undefined &&
    findFirst(root, [join(synthetic, 'refs.json')]) !== undefined
  ) {
    return {
      refs: join(root, synthetic, 'refs.json'),
      instances: firstOf(
        root,
        ['refer/instances.json', `${synthetic}/instances.json`],
        'file instances.json',
      ),
      images: join(root, 'images'),
    };
  }
  const folder = findFirst(root, [layout.folder, join('refer_seg', layout.folder)]) ?? root;
  const refs = findFirst(folder, namesOf(layout, splitBy));
  if (refs === undefined) throw noRefs(folder, layout, splitBy);
  const around = dirname(folder);
  const base = layout.base === undefined ? [] : [join(around, layout.base, 'instances.json')];
  const instances =
    findFirst('', [join(folder, 'instances.json'), ...base]) ??
    firstOf(folder, ['instances.json'], 'file instances.json');
  const homes = [folder, around, root, join(root, 'refer_seg')];
  const images = findFirst(
    '',
    layout.images.flatMap((place) => homes.map((home) => join(home, place))),
  );
  return { refs, instances, images: images ?? firstOf(root, layout.images, 'folder of images') };
}

function namesOf({ stem, splitBy }: ReferLayout, wanted: string | undefined): readonly string[] {
  const chosen = wanted === undefined ? splitBy : /^\w+$/.test(wanted) ? [wanted] : [];
  return chosen.flatMap((by) => [`${stem}(${by}).p`, `${stem}(${by}).json`, `${stem}(${by}).pkl`]);
}

function noRefs(folder: string, layout: ReferLayout, wanted: string | undefined): MaskloomError {
  let names: readonly string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // The folder itself is missing; the error below says what was looked for.
  }
  const there = names.flatMap((name) => /^g?refs\((\w+)\)\.(?:p|pkl|json)$/.exec(name)?.[1] ?? []);
  const what = wanted === undefined ? 'refs file' : `refs file of '${wanted}'`;
  return new MaskloomError('DATA_NOT_FOUND', `There is no ${what} of ${layout.format} in this folder.`, {
    where: folder,
    hint:
      there.length > 0
        ? suggest(wanted ?? '', there)
        : `Looked for ${layout.splitBy.map((by) => `${layout.stem}(${by}).p`).join(', ')}, or the same as .json.`,
  });
}

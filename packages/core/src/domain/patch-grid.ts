import type { PatchProposals } from '../slots/patch-analyzer.js';
import type { FeatureMap } from './feature-map.js';
import type { PointSet } from './frames.js';
import type { PatchEvidence } from './prediction.js';
import type { ScoreMap } from './score-map.js';
import { fromFrame, type CellGrid } from './transform.js';

/** The patches of an image as its language model saw them: rows, columns, and the way back to its pixels. */
export type PatchGrid = Pick<FeatureMap, 'rows' | 'columns' | 'transform'>;

/** The box of a patch in the image, [x, y, width, height] in ImagePx; not clamped. */
export function patchBox(grid: PatchGrid, patch: number): readonly [number, number, number, number] {
  const { input, scaleX, scaleY, offsetX, offsetY } = grid.transform;
  const [width, height] = [input.width / grid.columns, input.height / grid.rows];
  const column = patch % grid.columns;
  const row = Math.floor(patch / grid.columns);
  return [
    (column * width + offsetX) / scaleX,
    (row * height + offsetY) / scaleY,
    width / scaleX,
    height / scaleY,
  ];
}

/** The middles of all patches in the image, row-major. */
export function patchCentres(grid: PatchGrid): PointSet<'ImagePx'> {
  const { rows, columns, transform } = grid as CellGrid<'ClipPx'>;
  const [width, height] = [transform.input.width / columns, transform.input.height / rows];
  const xy = new Float32Array(2 * rows * columns);
  for (let patch = 0; patch < rows * columns; patch++) {
    xy[2 * patch] = ((patch % columns) + 0.5) * width;
    xy[2 * patch + 1] = (Math.floor(patch / columns) + 0.5) * height;
  }
  return fromFrame({ frame: transform.frame, xy, labels: new Int8Array(rows * columns) }, transform);
}

/** Whether each patch's middle lies on the image, and not in what was padded to make a square of it. */
export function livePatches({ rows, columns, transform }: PatchGrid): readonly boolean[] {
  const { input, resized, offsetX, offsetY } = transform;
  return Array.from({ length: rows * columns }, (_, patch) => {
    const x = ((patch % columns) + 0.5) * (input.width / columns) + offsetX;
    const y = (Math.floor(patch / columns) + 0.5) * (input.height / rows) + offsetY;
    return x < resized.width && y < resized.height;
  });
}

/** What is shown of a patch that fired. */
export function patchEvidence(
  grid: PatchGrid,
  { objectness, roles }: Pick<PatchProposals, 'objectness' | 'roles'>,
  patch: number,
): PatchEvidence {
  const role = roles?.[patch];
  return {
    row: Math.floor(patch / grid.columns),
    column: patch % grid.columns,
    objectness: objectness[patch] ?? 0,
    ...(role === undefined ? {} : { role }),
    box: patchBox(grid, patch),
  };
}

/** Objectness as a map over the patches whose middle lies on the image: what is said of the padding means nothing. */
export function objectnessMap(grid: PatchGrid, objectness: Float32Array): ScoreMap {
  const live = livePatches(grid);
  // The picture lies at the top left, so the patches on it are the first ones of the first rows.
  const columns = live.slice(0, grid.columns).filter(Boolean).length;
  const rows = live.filter((alive, patch) => alive && patch % grid.columns === 0).length;
  const [x, y, width, height] = patchBox(grid, 0);
  return {
    kind: 'objectness',
    rows,
    columns,
    values: objectness.filter((_, patch) => live[patch] === true),
    covers: [x, y, width * columns, height * rows],
  };
}

import { z } from 'zod';
import {
  defineStage,
  MaskloomError,
  type ImageView,
  type PointSet,
  type StageFactory,
  type TilePlan,
} from '@maskloom/core';
import { PointSampler } from './slots.js';

const share = z.number().min(0).max(1);

const options = z.object({
  pointsPerSide: z.int().min(1).max(1024).default(32).describe('Points along each side of a view.'),
  pointsPerBatch: z.int().min(1).default(64).describe('Points decoded in one call.'),
  cropNPointsDownscaleFactor: z
    .number()
    .min(1)
    .default(1)
    .describe('Points along each side are divided by this to the power of the layer.'),
  pointGrids: z
    .array(z.array(z.tuple([share, share])).min(1))
    .optional()
    .describe('Points of each layer as shares of width and height, in place of the grid.'),
});

/** Options of {@link pointGrid}, under the names and with the defaults of segment-anything's generator. */
export interface PointGridOptions {
  /** Points along each side of a view; default 32. */
  readonly pointsPerSide?: number | undefined;
  /** Points decoded in one call; default 64. */
  readonly pointsPerBatch?: number | undefined;
  /** Points along each side are divided by this to the power of the layer, and cut to a whole number; default 1. */
  readonly cropNPointsDownscaleFactor?: number | undefined;
  /** For each layer its points, [x, y] as shares 0..1 of width and height: in place of the grid. */
  readonly pointGrids?: [number, number][][] | undefined;
}

/** Points in the middles of equal cells, row by row. */
export const pointGrid: StageFactory<
  'PointSampler',
  z.ZodType<unknown, PointGridOptions | undefined>,
  'views',
  'sampled-points'
> = defineStage({
  slot: PointSampler,
  name: 'sam/point-grid',
  summary: 'A grid of points over each view.',
  options,
  needs: ['views'],
  gives: ['sampled-points'],
  create: ({ pointsPerSide, pointsPerBatch, cropNPointsDownscaleFactor, pointGrids }) => ({
    async sample({ image, layer = 0 }: ImageView, _plan: TilePlan) {
      const grid = pointGrids
        ? pointGrids[layer]
        : gridOf(Math.trunc(pointsPerSide / cropNPointsDownscaleFactor ** layer));
      if (grid === undefined || grid.length === 0) {
        throw new MaskloomError('OPTION_INVALID', `There are no points for layer ${layer} of the crops.`, {
          where: 'sam/point-grid',
          hint: pointGrids
            ? 'Give pointGrids one list for each layer, the whole image first.'
            : 'Lower cropNPointsDownscaleFactor, or raise pointsPerSide.',
        });
      }
      const batches: PointSet<'ImagePx'>[] = [];
      for (let from = 0; from < grid.length; from += pointsPerBatch) {
        const part = grid.slice(from, from + pointsPerBatch);
        const xy = Float32Array.from(part.flatMap(([x, y]) => [x * image.width, y * image.height]));
        batches.push({ frame: 'ImagePx', xy, labels: new Int8Array(part.length).fill(1) });
      }
      return batches;
    },
  }),
});

/** `build_point_grid`: points at (i + 1/2) / n of either side, x fastest. */
function gridOf(perSide: number): readonly (readonly [number, number])[] {
  const offset = 1 / (2 * perSide);
  const step = perSide > 1 ? (1 - 2 * offset) / (perSide - 1) : 0;
  const along = Array.from({ length: perSide }, (_, i) => offset + i * step);
  return along.flatMap((y) => along.map((x) => [x, y] as const));
}

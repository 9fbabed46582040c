import { z } from 'zod';
import { cellCentre, defineStage, fromFrame, PointPrompter, type PointQuery } from '@maskloom/core';

/** The image tokens most similar to the query as positive points, no two closer than `apart` cells. */
export const spreadPoints = defineStage({
  slot: PointPrompter,
  name: 'example/spread-points',
  summary: 'The most similar places as positive points, no two of them close together.',
  options: z.object({
    count: z.int().min(1).default(3).describe('Points wanted.'),
    apart: z.number().min(0).default(3).describe('Least distance between two points, in cells.'),
  }),
  needs: ['query-state', 'image-states'],
  gives: ['point-prompt'],
  create: ({ count, apart }) => ({
    async prompt({ query, imageStates }: PointQuery) {
      const { rows, columns, width, transform } = imageStates;
      const [state, tokens] = await Promise.all([query.read(), imageStates.tensor.read()]);
      const scores = Float32Array.from({ length: rows * columns }, (_, cell) =>
        state.reduce((sum, value, d) => sum + value * (tokens[cell * width + d] ?? 0), 0),
      );
      const chosen: { x: number; y: number }[] = [];
      for (const cell of [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))) {
        const [x, y] = [cell % columns, Math.floor(cell / columns)];
        if (chosen.every((one) => Math.hypot(one.x - x, one.y - y) >= apart)) chosen.push({ x, y });
        if (chosen.length === count) break;
      }
      const centres = chosen.map(({ x, y }) => cellCentre(imageStates, x, y)); // in the tower's input
      const xy = Float32Array.from(centres.flatMap(({ x, y }) => [x, y]));
      const labels = new Int8Array(chosen.length).fill(1); // 1 positive, 0 negative, -1 neutral
      const points = fromFrame({ frame: transform.frame, xy, labels }, transform); // in the image
      const last = [transform.original.width - 1, transform.original.height - 1];
      const inside = points.xy.map((value, i) => Math.min(value, last[i % 2] ?? 0));
      return { points: { ...points, xy: inside } };
    },
  }),
});

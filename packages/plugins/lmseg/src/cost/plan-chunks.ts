import type { TextEmbeddings } from '@maskloom/core';
import { costVolume, type FusedGrid } from './cost-volume.js';

/** Classes that are worked on together; places among the embeddings, rising. */
export type Chunk = readonly number[];

/**
 * Divides classes into chunks.
 * @param most - the cap: only the classes whose highest cost over all views is among this many take part (CAT-Seg:
 * 256); no cap when absent
 */
export function planChunks(
  grids: readonly FusedGrid[],
  text: TextEmbeddings,
  size: number,
  most: number | undefined,
): readonly Chunk[] {
  const all = Array.from({ length: text.count }, (_, index) => index);
  const kept = most === undefined || text.count <= most ? all : highest(grids, text, all, most);
  return Array.from({ length: Math.ceil(kept.length / size) }, (_, i) =>
    kept.slice(i * size, (i + 1) * size),
  );
}

function highest(
  grids: readonly FusedGrid[],
  text: TextEmbeddings,
  all: readonly number[],
  most: number,
): readonly number[] {
  const peaks = new Float32Array(text.count).fill(-Infinity);
  for (const grid of grids) {
    for (const index of all) {
      for (const cost of costVolume(grid, text, [index]))
        if (cost > (peaks[index] as number)) peaks[index] = cost;
    }
  }
  return [...all]
    .sort((a, b) => (peaks[b] as number) - (peaks[a] as number) || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}

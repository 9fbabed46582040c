import type { TextEmbeddings } from '@maskloom/core';
import { highestOf } from '../assemble/sigmoid.js';
import { costVolume, type FusedGrid } from './cost-volume.js';

/** Classes that are worked on together; places among the embeddings, rising. */
export type Chunk = readonly number[];

/** Which classes are worked on, and with which. */
export interface ChunkPlan {
  /** All classes that take part in any view, in chunks. */
  readonly chunks: readonly Chunk[];
  /** By view, then by chunk: those of the chunk's classes that take part in the view. */
  readonly byView: readonly (readonly Chunk[])[];
}

/** What limits the classes that take part; nothing when absent. */
export interface ChunkLimits {
  /** Classes in a chunk. */
  readonly size: number;
  /** Only the classes whose highest cost over all views is among this many. */
  readonly most?: number | undefined;
  /** In each view, only the classes whose highest cost there is among this many (CAT-Seg: 256). */
  readonly topK?: number | undefined;
}

/** Divides classes into chunks. */
export function planChunks(
  grids: readonly FusedGrid[],
  text: TextEmbeddings,
  { size, most = Infinity, topK = Infinity }: ChunkLimits,
): ChunkPlan {
  const all = Array.from({ length: text.count }, (_, index) => index);
  if (text.count <= most && text.count <= topK) {
    const chunks = divided(all, size);
    return { chunks, byView: grids.map(() => chunks) };
  }
  const peaks = grids.map((grid) =>
    Float32Array.from(all, (index) => highestOf(costVolume(grid, text, [index]))),
  );
  const overall = Float32Array.from(all, (index) => Math.max(...peaks.map((view) => view[index]!)));
  const kept = highest(all, overall, most);
  const views = peaks.map((view) => new Set(highest(kept, view, topK)));
  const chunks = divided(
    kept.filter((index) => views.some((view) => view.has(index))),
    size,
  );
  return {
    chunks,
    byView: views.map((view) => chunks.map((chunk) => chunk.filter((index) => view.has(index)))),
  };
}

function divided(classes: readonly number[], size: number): readonly Chunk[] {
  return Array.from({ length: Math.ceil(classes.length / size) }, (_, i) =>
    classes.slice(i * size, (i + 1) * size),
  );
}

/** Those of the highest peaks, in rising order; of equal peaks the first. */
function highest(classes: readonly number[], peaks: Float32Array, most: number): readonly number[] {
  return [...classes]
    .sort((a, b) => peaks[b]! - peaks[a]! || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}

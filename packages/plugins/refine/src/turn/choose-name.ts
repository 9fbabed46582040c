import {
  localTensor,
  type ResolvedInstruction,
  type RunContext,
  type Segment,
  type Tensor,
} from '@maskloom/core';
import type { EmbeddingDecoder } from '@maskloom/llava';
import type { RefinePreset } from '../preset.js';
import { rowsOf } from './decode.js';

/** Who can say a name. */
export interface Namers {
  readonly preset: RefinePreset;
  readonly names: EmbeddingDecoder;
  /** [patches, hidden]. */
  readonly categoryEmbeddings: Tensor;
  /** Patches in the order in which they are asked. */
  readonly ranked: readonly number[];
  readonly instruction: ResolvedInstruction;
  readonly old: Segment | undefined;
}

/**
 * The name after a turn: the one that was said to be right, if any; the old one where only the mask is wrong; else what
 * the patches write. Where the name is wrong the next best patches are asked until one does not repeat it; when all
 * repeat it, it stays.
 */
export async function chooseName(
  namers: Namers,
  given: string | undefined,
  run: RunContext,
): Promise<string> {
  const { preset, names, categoryEmbeddings, ranked, instruction, old } = namers;
  const { situation, wrong = old?.label ?? '' } = instruction;
  if (given !== undefined) return given;
  if (situation === 'mask') return old?.label ?? '';
  const asked = ranked.slice(0, situation === 'category' ? preset.asked : 1);
  const rows = await rowsOf(categoryEmbeddings, asked);
  const width = categoryEmbeddings.dims[1] ?? 0;
  const written = (await names.decode(localTensor([asked.length, width], rows), run)).map(({ text }) => text);
  if (situation === 'missed') return written[0] || 'unknown';
  const other = written.find((text) => text !== '' && text.toLowerCase() !== wrong.toLowerCase());
  if (other !== undefined) return other;
  run.warn(`No other name than '${wrong}' was found.`);
  return old?.label ?? wrong;
}

import { MaskloomError, type MaskPrompt } from '@maskloom/core';
import { pointTokens, type PointTokens } from './point-tokens.js';

/**
 * Most prompts in one call. What the decoder works in grows with their number (1,000 points at once took 640 MB at toy
 * width), and beyond a hundred a longer batch saves no time.
 */
const MOST_AT_ONCE = 128;

/** Prompts of one structure: they go through the decoder in one call. */
export interface PromptGroup {
  /** Point tokens per prompt, pad point or box corners included. */
  readonly points: number;
  /** Whether the prompts have a previous mask. */
  readonly hasMask: boolean;
  /** Embeddings per prompt. */
  readonly embeddings: number;
  /** Places in the caller's list, rising. */
  readonly members: readonly {
    readonly index: number;
    readonly prompt: MaskPrompt;
    readonly tokens: PointTokens;
  }[];
}

/**
 * Sorts prompts into groups of equal structure (number of points, box or not, previous mask or not, number
 * of embeddings), in order of first appearance; a group has at most 128 members.
 * @param padAfterBox - whether a pad point stands behind a box, as in SAM 2
 * @throws MaskloomError `VALUE_INVALID` for a prompt that says nothing
 */
export function groupPrompts(prompts: readonly MaskPrompt[], padAfterBox = false): readonly PromptGroup[] {
  const groups: PromptGroup[] = [];
  /** By structure, the members of its group that still has room. */
  const open = new Map<string, PromptGroup['members'][number][]>();
  prompts.forEach((prompt, index) => {
    const tokens = pointTokens(prompt, padAfterBox);
    const points = tokens.labels.length;
    const hasMask = prompt.mask !== undefined;
    const embeddings = embeddingsOf(prompt);
    if (points === 0 && !hasMask && embeddings === 0) {
      throw new MaskloomError('VALUE_INVALID', `Mask prompt ${index} has no point, box, embedding or mask.`, {
        where: 'sam/mask-decoder',
        hint: 'Give every prompt at least one part, or leave it out.',
      });
    }
    const key = `${points} ${prompt.box !== undefined} ${hasMask} ${embeddings}`;
    const room = open.get(key);
    const member = { index, prompt, tokens };
    if (room !== undefined && room.length < MOST_AT_ONCE) {
      room.push(member);
      return;
    }
    const members = [member];
    open.set(key, members);
    groups.push({ points, hasMask, embeddings, members });
  });
  return groups;
}

/** Embeddings that a prompt carries: the second axis of a [N, E, width] tensor, the first of an [E, width] one. */
function embeddingsOf({ embedding }: MaskPrompt): number {
  if (embedding === undefined) return 0;
  const { dims } = embedding.tensor;
  return (dims.length === 3 ? dims[1] : dims[0]) ?? 0;
}

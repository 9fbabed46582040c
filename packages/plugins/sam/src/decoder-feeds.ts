import { MaskloomError, type HostTensor, type Tensor, type TensorLike } from '@maskloom/core';
import type { PromptGroup } from './prompt-groups.js';
import type { SamPreset } from './preset.js';

/**
 * The decoder's prompt inputs for one group: `point_coords` [N, P, 2], `point_labels` [N, P],
 * `mask_input` [N, 1, maskSize, maskSize] ([1, 1, ...] where no prompt has a mask), `has_mask` [N] and `embeddings` [N, E, width].
 * @throws MaskloomError `VALUE_INVALID` when a mask or an embedding has the wrong size
 */
export async function promptFeeds(
  group: PromptGroup,
  preset: SamPreset,
): Promise<Record<string, TensorLike>> {
  const count = group.members.length;
  const coords = new Float32Array(count * group.points * 2);
  const labels = new BigInt64Array(count * group.points);
  group.members.forEach(({ tokens }, n) => {
    coords.set(tokens.xy, n * group.points * 2);
    tokens.labels.forEach((label, p) => {
      labels[n * group.points + p] = BigInt(label);
    });
  });
  return {
    point_coords: made('float32', [count, group.points, 2], coords),
    point_labels: made('int64', [count, group.points], labels),
    mask_input: previousMasks(group, preset.maskSize),
    has_mask: made('float32', [count], new Float32Array(count).fill(group.hasMask ? 1 : 0)),
    embeddings: await embeddings(group, preset.embedDim),
  };
}

function previousMasks(group: PromptGroup, side: number): HostTensor {
  // Without masks the input is only weighed with 0: one for all of them gives the same bits, and is embedded once.
  const count = group.hasMask ? group.members.length : 1;
  const data = new Float32Array(count * side * side);
  group.members.forEach(({ prompt, index }, n) => {
    if (prompt.mask === undefined) return;
    if (prompt.mask.length !== side * side) {
      throw new MaskloomError(
        'VALUE_INVALID',
        `The previous mask of prompt ${index} has ${prompt.mask.length} values.`,
        {
          where: 'sam/mask-decoder',
          hint: `Give ${side} x ${side} logits.`,
        },
      );
    }
    data.set(prompt.mask, n * side * side);
  });
  return made('float32', [count, 1, side, side], data);
}

/** Values made for one call: nobody else has them. */
function made(dtype: HostTensor['dtype'], dims: readonly number[], data: HostTensor['data']): HostTensor {
  return { dtype, dims, data, givenAway: true };
}

/** The group's embeddings; a tensor whose rows are wanted whole and in order stays where it is. */
async function embeddings(group: PromptGroup, width: number): Promise<TensorLike> {
  const count = group.members.length;
  const perPrompt = group.embeddings;
  const data = new Float32Array(count * perPrompt * width);
  const dims = [count, perPrompt, width];
  if (perPrompt === 0) return made('float32', dims, data);
  const first = group.members[0]?.prompt.embedding;
  const whole = group.members.every(
    ({ prompt }, n) => prompt.embedding?.tensor === first?.tensor && prompt.embedding?.row === n,
  );
  if (first !== undefined && whole && String(first.tensor.dims) === String(dims)) return first.tensor;

  const values = new Map<Tensor, Float32Array>();
  for (const [n, { prompt, index }] of group.members.entries()) {
    if (prompt.embedding === undefined) continue;
    const { tensor, row } = prompt.embedding;
    if (tensor.dims.at(-1) !== width) {
      throw new MaskloomError(
        'VALUE_INVALID',
        `The embedding of prompt ${index} has shape [${tensor.dims.join(', ')}].`,
        {
          where: 'sam/mask-decoder',
          hint: `The decoder takes embeddings of width ${width}.`,
        },
      );
    }
    const all = values.get(tensor) ?? (await tensor.read());
    values.set(tensor, all);
    const size = perPrompt * width;
    const start = tensor.dims.length === 3 ? row * size : 0;
    if (start + size > all.length) {
      throw new MaskloomError(
        'VALUE_INVALID',
        `Prompt ${index} asks for row ${row} of ${tensor.dims[0] ?? 0} embeddings.`,
        {
          where: 'sam/mask-decoder',
          hint: 'Rows count from 0.',
        },
      );
    }
    data.set(all.subarray(start, start + size), n * size);
  }
  return made('float32', dims, data);
}

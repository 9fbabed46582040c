import { tensorRows, type PatchProposals, type Tensor } from '@maskloom/core';

/** The embeddings of the chosen patches, in their order. */
export interface ChosenEmbeddings {
  /** [N, 1, decoder width], one prompt embedding per mask. */
  readonly mask: Tensor;
  /** [N, language hidden]. */
  readonly category: Tensor;
  /** [N, text space], when the model has that head. */
  readonly text?: Tensor;
}

/** Gathers the rows of the chosen patches; N may be 0. */
export async function gather(
  proposals: PatchProposals,
  patches: readonly number[],
): Promise<ChosenEmbeddings> {
  const { maskEmbeddings, categoryEmbeddings, textEmbeddings } = proposals;
  const [mask, category, text] = await Promise.all([
    tensorRows(maskEmbeddings, patches, (count, width) => [count, 1, width]),
    tensorRows(categoryEmbeddings, patches),
    textEmbeddings === undefined ? undefined : tensorRows(textEmbeddings, patches),
  ]);
  return { mask, category, ...(text === undefined ? {} : { text }) };
}

import { localTensor, type PatchProposals, type Tensor } from '@maskloom/core';

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
    rowsOf(maskEmbeddings, patches, (count, width) => [count, 1, width]),
    rowsOf(categoryEmbeddings, patches),
    textEmbeddings === undefined ? undefined : rowsOf(textEmbeddings, patches),
  ]);
  return { mask, category, ...(text === undefined ? {} : { text }) };
}

async function rowsOf(
  tensor: Tensor,
  rows: readonly number[],
  shape = (count: number, width: number): readonly number[] => [count, width],
): Promise<Tensor> {
  const width = tensor.dims.at(-1) ?? 0;
  const values = await tensor.read();
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, n) => data.set(values.subarray(row * width, (row + 1) * width), n * width));
  return localTensor(shape(rows.length, width), data);
}

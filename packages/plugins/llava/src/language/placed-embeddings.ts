import { MaskloomError, type HostTensor, type Tensor, type Tokenizer } from '@maskloom/core';

/**
 * Puts given embeddings where a text has certain tokens (e.g. `<CATEGORY>`): the i-th appearance of a token
 * takes the i-th row of its tensor.
 * @param embeds - the text's own embeddings, [1, ids.length, hidden]
 * @param given - token to [count, hidden]
 * @throws MaskloomError `VALUE_INVALID` when a token's appearances and rows differ in number, or a width does not fit
 */
export async function placeEmbeddings(
  ids: readonly number[],
  embeds: HostTensor,
  given: ReadonlyMap<string, Tensor>,
  tokenizer: Tokenizer,
  hidden: number,
): Promise<HostTensor> {
  const data = (embeds.data as Float32Array).slice();
  for (const [token, tensor] of given) {
    const id = tokenizer.id(token);
    const places = ids.flatMap((value, index) => (value === id ? [index] : []));
    const values = await tensor.read();
    if (values.length !== places.length * hidden) {
      throw new MaskloomError(
        'VALUE_INVALID',
        `${token} appears ${places.length} times; its embeddings have shape [${tensor.dims.join(', ')}].`,
        { where: 'llava/language-model', hint: `Give one row of width ${hidden} per appearance.` },
      );
    }
    places.forEach((place, row) =>
      data.set(values.subarray(row * hidden, (row + 1) * hidden), place * hidden),
    );
  }
  return { dtype: 'float32', dims: [1, ids.length, hidden], data };
}

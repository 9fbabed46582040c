import { MaskloomError, type FeatureMap, type ScoreMap } from '@maskloom/core';

/** Which of the decoder's tokens is compared with the image. */
export type ComparedToken = 'embedding' | 'released';

/** Tokens and image cells as the two-way transformer leaves them, of the prompts of one call. */
export interface DecoderTokens {
  /** [N, T, width]: quality, four masks, then the prompt's points and embeddings in their order. */
  readonly tokens: Float32Array;
  /** [N, rows * columns, width], row-major. */
  readonly cells: Float32Array;
  /** N, T and width. */
  readonly dims: readonly [number, number, number];
}

/**
 * The similarity of one token of each prompt with every cell of the image: the plain dot product of their last states in
 * SAM's mask decoder (READ, eq. 5, figure 1d), in float32. Cells that lie wholly in SAM's padding are left out.
 * @param features - what was decoded from: its grid and geometry
 * @param token - `embedding`: the last token, what the `<SEG>` embedding has become. `released`: the one before the last,
 * which READ's released code reads: the last mask token where the prompt is an embedding alone, SAM's pad point where
 * there are points beside it
 * @returns one map per prompt, in order
 * @throws MaskloomError `VALUE_INVALID` when the cells are not the features' grid, or a score is not finite
 */
export function tokenSimilarity(
  { tokens, cells, dims }: DecoderTokens,
  { rows, columns, transform }: Pick<FeatureMap, 'rows' | 'columns' | 'transform'>,
  token: ComparedToken,
): readonly ScoreMap[] {
  const [count, length, width] = dims;
  if (cells.length !== count * rows * columns * width) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `${cells.length} values do not make ${count} x ${rows} x ${columns} cells of width ${width}.`,
      { where: 'sam/similarity-decoder', hint: 'Decode features of the encoder of the same bundle.' },
    );
  }
  const { input, resized, scaleX, scaleY } = transform;
  const [cellWidth, cellHeight] = [input.width / columns, input.height / rows];
  const seenColumns = Math.min(columns, Math.ceil(resized.width / cellWidth));
  const seenRows = Math.min(rows, Math.ceil(resized.height / cellHeight));
  const covers = [0, 0, (seenColumns * cellWidth) / scaleX, (seenRows * cellHeight) / scaleY] as const;
  const place = length - (token === 'embedding' ? 1 : 2);
  return Array.from({ length: count }, (_, n): ScoreMap => {
    const query = tokens.subarray((n * length + place) * width, (n * length + place + 1) * width);
    const values = new Float32Array(seenRows * seenColumns);
    for (let cell = 0; cell < values.length; cell++) {
      const at = n * rows * columns + Math.floor(cell / seenColumns) * columns + (cell % seenColumns);
      let sum = 0;
      for (let d = 0; d < width; d++) sum += (query[d] ?? 0) * (cells[at * width + d] ?? 0);
      values[cell] = sum;
    }
    if (!values.every(Number.isFinite)) {
      throw new MaskloomError('VALUE_INVALID', "The similarity with SAM's image tokens is not finite.", {
        where: 'sam/similarity-decoder',
        hint: 'The decoder gave NaN or infinite tokens: check its weights and precision.',
      });
    }
    return { kind: 'similarity', rows: seenRows, columns: seenColumns, values, covers };
  });
}

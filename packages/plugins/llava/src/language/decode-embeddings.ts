import {
  localTensor,
  MaskloomError,
  type ModelHost,
  type RunContext,
  type Tensor,
  type TensorLike,
  type Tokenizer,
} from '@maskloom/core';
import { CausalDecoder, type DecoderStep } from './causal-decoder.js';
import { greedyRows } from './greedy.js';
import type { KeyValueCache } from './key-value-cache.js';
import { readOneVisionPreset } from './preset.js';
import { beginning } from './prompt-ids.js';
import { WrittenRows, type Written } from './written-rows.js';

const PLACE = '<CATEGORY>';

/** How embeddings are decoded. */
export interface DecodeOptions {
  /** Longest text in tokens; the bundle's when absent. */
  readonly maxTokens?: number | undefined;
  /** Most embeddings in one call of the language model; more are decoded in several. */
  readonly batch: number;
}

/** Writes a text for each of N embeddings. */
export interface EmbeddingDecoder {
  /** Width of an embedding. */
  readonly hidden: number;
  /** The device that the language model runs on. */
  readonly device: string;
  /**
   * Decodes all rows at once; each gets the text that it would get alone.
   * @param embeddings - [N, hidden]; N may be 0
   * @returns one text per row, in order
   */
  decode(embeddings: Tensor, run: RunContext): Promise<readonly Written[]>;
  /** Gives back the keys and values that all rows share, which stay with the model between calls. */
  dispose(): void;
}

/**
 * ROSE's instruction-response paradigm (section 3.3, eq. 4): each embedding takes the place of `<CATEGORY>` in the
 * bundle's template, and the language model writes on from there, greedily, until the stop mark. What stands before
 * `<CATEGORY>` is the same for all rows: it is read once for all embeddings of all images, and its keys and values
 * are repeated there; then all rows go on together with one key-value cache.
 * @throws MaskloomError BUNDLE_INVALID, MODEL_LOAD_FAILED
 */
export async function openEmbeddingDecoder(
  models: ModelHost,
  { maxTokens, batch }: DecodeOptions,
): Promise<EmbeddingDecoder> {
  const preset = readOneVisionPreset(models);
  const [embedding, model, tokenizer] = await Promise.all([
    models.model('tokenEmbedding'),
    models.model('languageModel'),
    models.tokenizer(),
  ]);
  const [before = '', behind = ''] = preset.decode.split(PLACE);
  const parts: Parts = {
    decoder: new CausalDecoder(embedding, model),
    tokenizer,
    hidden: preset.hidden,
    // The space before the place belongs to the placeholder: a word's own token carries it.
    before: [...beginning(tokenizer, preset), ...tokenizer.encode(before.trimEnd())],
    behind: tokenizer.encode(behind),
    eos: tokenizer.id(preset.eos),
    stop: preset.decodeStop,
    longest: maxTokens ?? preset.maxNameTokens,
  };
  const opening = new Opening(parts);
  return {
    hidden: preset.hidden,
    device: model.device,
    async decode(embeddings, run) {
      const [count = 0, width] = embeddings.dims;
      if (embeddings.dims.length !== 2 || width !== preset.hidden)
        throw new MaskloomError(
          'VALUE_INVALID',
          `Embeddings of shape [${embeddings.dims.join(', ')}] cannot be decoded.`,
          { where: 'category embeddings', hint: `Give [N, ${preset.hidden}].` },
        );
      if (count === 0) return [];
      const values = await embeddings.read();
      const written: Written[] = [];
      for (let from = 0; from < count; from += batch) {
        const rows = values.subarray(from * preset.hidden, (from + batch) * preset.hidden);
        written.push(...(await decodeRows(parts, await opening.get(run), rows, run)));
        run.progress(Math.min(1, (from + batch) / count));
      }
      return written;
    },
    dispose: () => opening.release(),
  };
}

interface Parts {
  readonly decoder: CausalDecoder;
  readonly tokenizer: Tokenizer;
  readonly hidden: number;
  readonly before: readonly number[];
  readonly behind: readonly number[];
  readonly eos: number;
  readonly stop: string;
  readonly longest: number;
}

/** What all rows share: the keys and values of the tokens before the place, and the embeddings of those behind it. */
interface Shared {
  readonly cache: KeyValueCache;
  readonly behind: Float32Array;
}

/** Reads the shared part when it is first needed and keeps it; a reading that fails is tried again. */
class Opening {
  readonly #parts: Parts;
  #shared: Promise<Shared> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async get(run: RunContext): Promise<Shared> {
    const known = this.#shared;
    const reading = (this.#shared ??= this.#read(run));
    try {
      return await reading;
    } catch (error) {
      if (this.#shared === reading) this.#shared = undefined;
      // Another run's reading was abandoned with that run.
      if (known === undefined || run.signal.aborted) throw error;
      return this.get(run);
    }
  }

  async #read(run: RunContext): Promise<Shared> {
    const { decoder, before, behind } = this.#parts;
    const embeds = await decoder.embed(before, run);
    const step = await decoder.step(embeds, before.length, decoder.emptyCache(), ['cache'], run);
    const tail = await decoder.embed(behind, run);
    const shared = { cache: step.cache, behind: tail.data as Float32Array };
    // From here on it outlives the run that made it.
    step.cache.keep(run.scope);
    return shared;
  }

  /** Gives it back; decoding again reads it again. */
  release(): void {
    const shared = this.#shared;
    this.#shared = undefined;
    shared?.then(
      ({ cache }) => cache.release(),
      () => undefined,
    );
  }
}

async function decodeRows(
  parts: Parts,
  shared: Shared,
  rows: Float32Array,
  run: RunContext,
): Promise<readonly Written[]> {
  const { decoder, tokenizer, hidden, behind, eos, stop, longest } = parts;
  const count = rows.length / hidden;
  const written = new WrittenRows(count, tokenizer, { eos, stop });
  const length = 1 + behind.length;
  const prompt = localTensor([count, length, hidden], prompts(rows, shared.behind, hidden));
  let step = await decoder.step(prompt, length, shared.cache, ['logits', 'cache'], run, count);
  for (let n = 1; ; n++) {
    const { ids, chances } = await greedyRows(step.logits, (row) => written.ended(row));
    written.add(ids, chances);
    if (written.done || n === longest) break;
    const embeds: TensorLike = await decoder.embed(ids, run, count);
    const next = await decoder.step(embeds, 1, step.cache, ['logits', 'cache'], run);
    release(step);
    step = next;
  }
  release(step);
  return written.texts();
}

/** Each row: its embedding, then the embeddings of the tokens behind the place. */
function prompts(rows: Float32Array, behind: Float32Array, hidden: number): Float32Array {
  const count = rows.length / hidden;
  const data = new Float32Array(count * (hidden + behind.length));
  for (let n = 0; n < count; n++) {
    const at = n * (hidden + behind.length);
    data.set(rows.subarray(n * hidden, (n + 1) * hidden), at);
    data.set(behind, at + hidden);
  }
  return data;
}

function release({ logits, cache }: DecoderStep): void {
  logits?.release();
  cache.release();
}

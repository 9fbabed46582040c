import {
  hostTensor,
  MaskloomError,
  throwIfAborted,
  type ModelSession,
  type RunContext,
  type TextEmbeddings,
  type Tokenizer,
} from '@maskloom/core';
import type { TextSettings } from './text-preset.js';
import { tokenRows } from './token-rows.js';

/** Rows that go through the tower in one call. */
const BATCH = 64;

/** What a text tower is made of. */
export interface TextTowerParts {
  /** `input_ids`, `attention_mask` [B, T] to `text_embed` [B, width], of any length. */
  readonly session: ModelSession;
  readonly tokenizer: Tokenizer;
  readonly settings: TextSettings;
  /** Texts whose embeddings are remembered. */
  readonly remember: number;
}

/** Texts to unit vectors. A text that was seen before is not embedded again. */
export class TextTower {
  readonly #parts: TextTowerParts;
  /** Sum of the unit vectors of a text's rows, and whether it had to be divided; the oldest first. */
  readonly #known = new Map<string, { readonly sum: Float32Array; readonly rows: number }>();

  /** Width of the embeddings, known with the first. */
  #width = 0;

  constructor(parts: TextTowerParts) {
    this.#parts = parts;
  }

  /** As `TextEmbedder.embed`. */
  async embed(classes: readonly (readonly string[])[], run: RunContext): Promise<TextEmbeddings> {
    const texts = new Set(classes.flat());
    await this.#learn(
      [...texts].filter((text) => !this.#known.has(text)),
      run,
    );
    const width = this.#width;
    const values = new Float32Array(classes.length * width);
    const divided: string[] = [];
    classes.forEach((sentences, row) => {
      const sum = new Float64Array(width);
      for (const sentence of sentences) {
        const known = this.#known.get(sentence);
        if (known === undefined) continue;
        if (known.rows > 1) divided.push(sentence);
        known.sum.forEach((value, c) => (sum[c] = (sum[c] ?? 0) + value));
      }
      const length = Math.hypot(...sum);
      if (length === 0) throw wordless(sentences);
      for (let c = 0; c < width; c++) values[row * width + c] = (sum[c] ?? 0) / length;
    });
    if (divided.length > 0) run.warn(this.#notice(divided));
    this.#forget(texts);
    return { count: classes.length, width, values };
  }

  async #learn(texts: readonly string[], run: RunContext): Promise<void> {
    const { tokenizer, settings } = this.#parts;
    const rows = texts.flatMap((text) =>
      tokenRows(text, tokenizer, settings.form).map((ids) => ({ text, ids })),
    );
    const sums = new Map(texts.map((text) => [text, { sum: new Float32Array(0), rows: 0 }]));
    for (let at = 0; at < rows.length; at += BATCH) {
      const batch = rows.slice(at, at + BATCH);
      const embedded = await this.#embedRows(
        batch.map(({ ids }) => ids),
        run,
      );
      batch.forEach(({ text }, i) => {
        const entry = sums.get(text);
        if (entry === undefined) return;
        if (entry.rows++ === 0) entry.sum = new Float32Array(this.#width);
        const row = embedded.subarray(i * this.#width, (i + 1) * this.#width);
        // Ready-made graphs give vectors of any length.
        const length = Math.hypot(...row) || 1;
        row.forEach((value, c) => (entry.sum[c] = (entry.sum[c] ?? 0) + value / length));
      });
      run.progress(Math.min(1, (at + BATCH) / rows.length), 'texts');
    }
    for (const [text, entry] of sums) this.#known.set(text, entry);
  }

  async #embedRows(rows: readonly (readonly number[])[], run: RunContext): Promise<Float32Array> {
    const { session, settings } = this.#parts;
    throwIfAborted(run.signal, session.id);
    const longest =
      settings.fill === true ? settings.form.maxTokens : Math.max(...rows.map((row) => row.length));
    const ids = new BigInt64Array(rows.length * longest).fill(BigInt(settings.pad));
    const mask = new BigInt64Array(rows.length * longest);
    rows.forEach((row, i) =>
      row.forEach((id, t) => {
        ids[i * longest + t] = BigInt(id);
        mask[i * longest + t] = 1n;
      }),
    );
    const dims = [rows.length, longest];
    const feeds = {
      input_ids: hostTensor('int64', dims, ids),
      attention_mask: hostTensor('int64', dims, mask),
    };
    const { text_embed } = await session.run(feeds, {
      outputs: ['text_embed'],
      scope: run.scope,
      signal: run.signal,
    });
    if (text_embed === undefined) throw new Error(`Model ${session.id} gave no output 'text_embed'.`);
    this.#width = text_embed.dims[1] ?? 0;
    const values = await text_embed.read();
    run.scope.keep(text_embed).release();
    return values;
  }

  /** Forgets the texts that were learnt first, never those in use. */
  #forget(inUse: ReadonlySet<string>): void {
    for (const text of this.#known.keys()) {
      if (this.#known.size <= this.#parts.remember) return;
      if (!inUse.has(text)) this.#known.delete(text);
    }
  }

  #notice(divided: readonly string[]): string {
    const shown = [...new Set(divided)];
    const names = shown.slice(0, 3).map((text) => `'${text.length > 60 ? `${text.slice(0, 57)}...` : text}'`);
    const rest = shown.length > 3 ? ` and ${shown.length - 3} more` : '';
    return `Longer than ${this.#parts.settings.form.maxTokens} tokens, so divided and averaged: ${names.join(', ')}${rest}.`;
  }
}

function wordless(sentences: readonly string[]): MaskloomError {
  return new MaskloomError('VALUE_INVALID', `There is no word in the description '${sentences.join(' ')}'.`, {
    where: 'TextEmbedder.embed',
    hint: 'Give every class at least one word.',
  });
}

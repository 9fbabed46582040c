import type { Tokenizer } from '@maskloom/core';

/** A text that the language model wrote. */
export interface Written {
  /** Without the stop mark and outer spaces. */
  readonly text: string;
  /** Geometric mean of the tokens' probabilities, the one that ended the text included; 0..1. */
  readonly score: number;
}

/** N texts being written side by side, each until its own end. */
export class WrittenRows {
  readonly #tokenizer: Tokenizer;
  readonly #eos: number;
  readonly #stop: string;
  /** Whether a token ends a text: the same few tokens come in row after row, and decoding one is slow. */
  readonly #ends = new Map<number, boolean>();
  readonly #rows: { readonly ids: number[]; logChance: number; steps: number; done: boolean }[];

  constructor(count: number, tokenizer: Tokenizer, ends: { readonly eos: number; readonly stop: string }) {
    this.#tokenizer = tokenizer;
    this.#eos = ends.eos;
    this.#stop = ends.stop;
    this.#rows = Array.from({ length: count }, () => ({ ids: [], logChance: 0, steps: 0, done: false }));
  }

  /** True when every row has ended. */
  get done(): boolean {
    return this.#rows.every((row) => row.done);
  }

  /** Adds one token to each row that has not ended. */
  add(ids: readonly number[], chances: readonly number[]): void {
    this.#rows.forEach((row, n) => {
      const id = ids[n];
      if (row.done || id === undefined) return;
      row.logChance += Math.log(Math.max(chances[n] ?? 0, Number.MIN_VALUE));
      row.steps++;
      row.done = this.#endsText(id);
      if (id !== this.#eos) row.ids.push(id);
    });
  }

  /** True when row `n` has ended: what the model says of it no longer counts. */
  ended(n: number): boolean {
    return this.#rows[n]?.done === true;
  }

  /** The texts so far. */
  texts(): readonly Written[] {
    const known = new Map<string, string>();
    return this.#rows.map(({ ids, logChance, steps }) => {
      const key = ids.join();
      const text = known.get(key) ?? this.#text(ids);
      known.set(key, text);
      return {
        text,
        score: steps === 0 ? 0 : Math.exp(logChance / steps),
      };
    });
  }

  #endsText(id: number): boolean {
    const known = this.#ends.get(id);
    if (known !== undefined) return known;
    const ends = id === this.#eos || this.#tokenizer.decode([id]).includes(this.#stop);
    this.#ends.set(id, ends);
    return ends;
  }

  #text(ids: readonly number[]): string {
    const text = ids.length === 0 ? '' : this.#tokenizer.decode(ids);
    const end = text.indexOf(this.#stop);
    return (end < 0 ? text : text.slice(0, end)).trim();
  }
}

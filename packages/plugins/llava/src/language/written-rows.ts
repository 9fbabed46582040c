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
      row.done = id === this.#eos || this.#tokenizer.decode([id]).includes(this.#stop);
      if (id !== this.#eos) row.ids.push(id);
    });
  }

  /** The texts so far. */
  texts(): readonly Written[] {
    return this.#rows.map(({ ids, logChance, steps }) => {
      const text = ids.length === 0 ? '' : this.#tokenizer.decode(ids);
      const end = text.indexOf(this.#stop);
      return {
        text: (end < 0 ? text : text.slice(0, end)).trim(),
        score: steps === 0 ? 0 : Math.exp(logChance / steps),
      };
    });
  }
}

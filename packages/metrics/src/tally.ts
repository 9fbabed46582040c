import { bootstrapRatio, type BootstrapOptions, type Interval, type RatioPart } from './intervals.js';

/** A figure with its uncertainty. */
export interface Figure {
  /** The ratio of sums, 0..1. */
  readonly value: number;
  /** 95 % bootstrap interval over images. */
  readonly interval: Interval;
  /** Queries. */
  readonly n: number;
}

/** Named columns, each a ratio of sums over queries, kept per query so that images can be resampled. */
export class Tally {
  readonly #columns = new Map<string, RatioPart[]>();

  /** Counts one query into a column. */
  add(column: string, image: number | string, numerator: number, denominator: number): void {
    const parts = this.#columns.get(column) ?? [];
    this.#columns.set(column, parts);
    parts.push({ cluster: image, numerator, denominator });
  }

  /** Every column's figure, columns by name. */
  figures(options?: BootstrapOptions): Record<string, Figure> {
    const names = [...this.#columns.keys()].sort();
    return Object.fromEntries(
      names.map((name) => [name, this.#figure(this.#columns.get(name) ?? [], options)]),
    );
  }

  #figure(parts: readonly RatioPart[], options: BootstrapOptions | undefined): Figure {
    const top = parts.reduce((sum, part) => sum + part.numerator, 0);
    const bottom = parts.reduce((sum, part) => sum + part.denominator, 0);
    return {
      value: bottom === 0 ? 0 : top / bottom,
      interval: bootstrapRatio(parts, options),
      n: parts.length,
    };
  }
}

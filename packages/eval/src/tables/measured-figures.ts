import type { FigureSource } from '../ablation/ablation.js';
import type { Interval } from '@maskloom/metrics';
import { compareAccumulators, type PairedComparison } from '@maskloom/metrics';
import type { MeasuredFigure } from '@maskloom/metrics';
import type { Counted, RunResults } from '../runner/run-results.js';

/** How intervals and tests are drawn. */
export const BOOTSTRAP = { draws: 1000, seed: 20, level: 0.95 } as const;

/** Counts in memory at a time: the two of a comparison. */
const KEPT_COUNTS = 2;

type Sum = Counted['sums'][number];

/** A figure of some subject, or its gain over another. */
export interface ShownFigure {
  readonly value: number | null;
  readonly interval: Interval | null;
  readonly n: number;
}

/** The figures of a run, each part counted and evaluated once however many cells show it. */
export class MeasuredFigures {
  readonly #results: RunResults;
  /** The counts used last: they hold every image, so that only those of a comparison are kept. */
  readonly #counted = new Map<string, Counted>();
  readonly #evaluated = new WeakMap<Sum, Readonly<Record<string, MeasuredFigure>>>();
  readonly #shown: readonly FigureSource[];

  /** @param shown - what will be asked for: intervals are drawn for those figures alone */
  constructor(results: RunResults, shown: readonly FigureSource[]) {
    this.#results = results;
    this.#shown = shown;
  }

  /** What was counted of a subject for a source. */
  counted(subject: number, { part, protocol, answeredBy = undefined }: FigureSource): Counted {
    const key = `${subject}\n${part}\n${protocol}\n${answeredBy ?? ''}`;
    const found = this.#counted.get(key) ?? this.#results.count(subject, part, protocol, answeredBy);
    this.#counted.delete(key);
    this.#counted.set(key, found);
    for (const oldest of this.#counted.keys()) {
      if (this.#counted.size <= KEPT_COUNTS) break;
      this.#counted.delete(oldest);
    }
    return found;
  }

  /** A figure with its interval; `undefined` when no measure has it. */
  figure(subject: number, source: FigureSource): ShownFigure | undefined {
    const sum = this.sumWith(subject, source);
    return sum && this.#evaluate(sum, source)[source.figure];
  }

  /** How much higher a subject's figure is than another's, on the images both have. */
  gain(subject: number, over: number, source: FigureSource): ShownFigure | undefined {
    const found = this.compare(subject, over, source);
    return found && { value: found.difference, interval: found.interval, n: found.images };
  }

  /** The paired comparison of two subjects; `undefined` when either has no such figure. */
  compare(subject: number, other: number, source: FigureSource): PairedComparison | undefined {
    const [a, b] = [this.sumWith(subject, source), this.sumWith(other, source)];
    if (a === undefined || b === undefined || a.images === 0 || b.images === 0) return undefined;
    return compareAccumulators(a, b, { ...BOOTSTRAP, figures: [source.figure] })[source.figure];
  }

  /** The sum whose measure has a figure; `undefined` when there is none. */
  sumWith(subject: number, source: FigureSource): Sum | undefined {
    return this.counted(subject, source).sums.find(
      (sum) => sum.images > 0 && Object.hasOwn(this.#evaluate(sum, source), source.figure),
    );
  }

  #evaluate(sum: Sum, { part, protocol }: FigureSource): Readonly<Record<string, MeasuredFigure>> {
    const known = this.#evaluated.get(sum);
    if (known !== undefined) return known;
    const plain = sum.result({ intervals: false }).figures;
    const wanted = this.#shown.filter((one) => one.part === part && one.protocol === protocol);
    const only = [...new Set(wanted.map(({ figure }) => figure))].filter((name) =>
      Object.hasOwn(plain, name),
    );
    const figures = only.length === 0 ? plain : { ...plain, ...sum.result({ ...BOOTSTRAP, only }).figures };
    this.#evaluated.set(sum, figures);
    return figures;
  }
}

import { MaskloomError } from '@maskloom/core';
import { bootstrapEstimator } from './bootstrap-estimator.js';
import { canonicalJson } from './canonical-json.js';
import type { MeasureParts } from './define-measure.js';
import { compareImages, imageKey } from './image-order.js';
import type { Estimator } from './estimator.js';
import type {
  Accumulator,
  AccumulatorState,
  MeasuredFigure,
  MeasureResult,
  ResultOptions,
  Switches,
} from './measure.js';

/** What an accumulator needs to know about its measure. */
export type Counting<Part> = Omit<MeasureParts<never, Part>, 'count'>;

/** See {@link Accumulator}. */
export class PartAccumulator<Part> implements Accumulator<Part> {
  /** How parts become figures. */
  readonly counting: Counting<Part>;
  readonly #parts = new Map<string, Part>();
  #sorted: readonly (readonly [string, Part])[] | undefined;

  constructor(counting: Counting<Part>) {
    this.counting = counting;
  }

  get measure(): string {
    return this.counting.name;
  }

  get switches(): Switches {
    return this.counting.switches;
  }

  get images(): number {
    return this.#parts.size;
  }

  add(image: string | number, part: Part): this {
    const key = imageKey(image);
    const known = this.#parts.get(key);
    if (known === undefined) {
      this.#parts.set(key, part);
      this.#sorted = undefined;
    } else if (known !== part && canonicalJson(known) !== canonicalJson(part)) {
      throw new MaskloomError('VALUE_INVALID', `Image ${key} was counted twice, with different results.`, {
        where: `${this.measure}.${key}`,
        hint: 'Images that differ need ids that differ; a pipeline must give the same answer twice.',
      });
    }
    return this;
  }

  merge(other: Accumulator<Part>): this {
    checkSameMeasure(this, other);
    for (const [image, part] of other.entries()) this.add(image, part);
    return this;
  }

  entries(): readonly (readonly [string, Part])[] {
    return (this.#sorted ??= [...this.#parts].sort(([a], [b]) => compareImages(a, b)));
  }

  result(options: ResultOptions = {}): MeasureResult {
    const parts = this.entries().map(([, part]) => part);
    const estimator = this.counting.prepare(parts);
    const values = Array.from(estimator.estimate());
    const intervals = this.#intervals(parts, estimator, options);
    const figures = estimator.names.map((name, i): [string, MeasuredFigure] => [
      name,
      { value: finite(values[i]), interval: intervals.get(name) ?? null, n: estimator.counts[i] ?? 0 },
    ]);
    return {
      measure: this.measure,
      switches: this.switches,
      images: this.images,
      figures: Object.fromEntries(figures),
    };
  }

  perImage(figure: string): readonly { readonly image: string; readonly value: number | null }[] {
    let known = false;
    const scores = this.entries().map(([image, part]) => {
      const estimator = this.counting.prepare([part], [figure]);
      const at = estimator.names.indexOf(figure);
      known ||= at >= 0;
      return { image, value: at < 0 ? null : finite(estimator.estimate()[at]) };
    });
    if (!known && scores.length > 0) throw unknownFigure(figure, this.measure);
    return scores;
  }

  toJSON(): AccumulatorState<Part> {
    return { measure: this.measure, switches: this.switches, parts: this.entries() };
  }

  #intervals(
    parts: readonly Part[],
    all: Estimator,
    { intervals = true, only, ...draws }: ResultOptions,
  ): ReturnType<typeof bootstrapEstimator> {
    const unknown = only?.find((name) => !all.names.includes(name));
    if (unknown !== undefined && parts.length > 0) throw unknownFigure(unknown, this.measure);
    const { headline } = this.counting;
    const wanted = only ?? (headline === undefined ? all.names : all.names.filter(headline));
    if (!intervals || parts.length === 0 || wanted.length === 0) return new Map();
    const estimator = wanted.length === all.names.length ? all : this.counting.prepare(parts, wanted);
    return bootstrapEstimator(estimator, parts.length, draws);
  }
}

/** @throws MaskloomError `VALUE_INVALID` when figures of the two cannot be compared or added */
export function checkSameMeasure(
  a: { readonly measure: string; readonly switches: Switches },
  b: { readonly measure: string; readonly switches: Switches },
): void {
  if (a.measure === b.measure && canonicalJson(a.switches) === canonicalJson(b.switches)) return;
  throw new MaskloomError(
    'VALUE_INVALID',
    `Counts of ${a.measure} ${canonicalJson(a.switches)} and ${b.measure} ${canonicalJson(b.switches)} do not mix.`,
    { hint: 'Count both with one measure and the same switches.' },
  );
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

function unknownFigure(figure: string, measure: string): MaskloomError {
  return new MaskloomError('VALUE_INVALID', `${measure} has no figure "${figure}" here.`, {
    where: figure,
    hint: 'The names are the keys of result().figures.',
  });
}

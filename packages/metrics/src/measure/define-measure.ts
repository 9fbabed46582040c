import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import type { Estimator } from './estimator.js';
import type { Accumulator, Measure, Switches } from './measure.js';
import { canonicalJson } from './canonical-json.js';
import { PartAccumulator } from './part-accumulator.js';

/** What a measure is made of. */
export interface MeasureParts<Input, Part> {
  readonly name: string;
  readonly switches: Switches;
  /** Checks stored parts. */
  readonly part: z.ZodType<Part>;
  /** One image to its part. */
  readonly count: (input: Input) => Part;
  /** Parts to figures; `only` names the figures wanted, all when absent. Names that no part knows are left out. */
  readonly prepare: (parts: readonly Part[], only?: readonly string[]) => Estimator;
  /** Whether a figure gets an interval without being asked for. */
  readonly headline?: (figure: string) => boolean;
}

/** Makes a measure of its parts. */
export function defineMeasure<Input, Part>(parts: MeasureParts<Input, Part>): Measure<Input, Part> {
  const { name, switches, count } = parts;
  const accumulator = (): Accumulator<Part> => new PartAccumulator(parts);
  const parse = <T>(schema: z.ZodType<T>, stored: unknown, where: string): T => {
    const found = schema.safeParse(stored);
    if (found.success) return found.data;
    const [issue] = found.error.issues;
    const field = [where, ...(issue?.path ?? []).map(String)].join('.');
    throw new MaskloomError('VALUE_INVALID', `Stored counts of ${name} are malformed: ${issue?.message}.`, {
      where: field,
      hint: 'Count the image again.',
    });
  };
  const state = z.object({
    measure: z.literal(name),
    switches: z.unknown(),
    parts: z.array(z.tuple([z.string(), parts.part])),
  });
  return {
    name,
    switches,
    count,
    accumulator,
    parsePart: (stored, where = name) => parse(parts.part, stored, where),
    fromJSON(stored) {
      const read = parse(state, stored, name);
      if (canonicalJson(read.switches) !== canonicalJson(switches)) {
        throw new MaskloomError(
          'VALUE_INVALID',
          `Stored counts of ${name} were made with other switches: ${canonicalJson(read.switches)}.`,
          { where: `${name}.switches`, hint: `Here they are ${canonicalJson(switches)}.` },
        );
      }
      const sums = accumulator();
      for (const [image, part] of read.parts) sums.add(image, part);
      return sums;
    },
  };
}

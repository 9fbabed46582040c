import type { z } from 'zod';
import type { AnyStageFactory, AnyStageSpec } from '../slots/any-stage.js';
import type { Slot } from '../slots/slot-value.js';
import type { SlotName, SlotStages } from '../slots/slot-stages.js';
import type { BuildContext } from '../slots/stage.js';
import type { Gives, StageFactory, StageSpec } from '../slots/spec.js';
import type { Signal } from '../slots/signals.js';
import { checkStageName } from './check-stage-name.js';
import { parseOptions } from './parse-options.js';

/** What a stage author writes down. */
export interface StageDefinition<
  K extends SlotName,
  O extends z.ZodType,
  N extends readonly Signal[],
  G extends readonly Signal[],
> {
  /** The slot it fills. */
  readonly slot: Slot<K>;
  /** `package/stage` in kebab-case, e.g. `read/similarity-as-points`. */
  readonly name: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** The options' schema, normally a `z.object` whose fields all have defaults and `.describe(...)`. */
  readonly options: O;
  /** The signals that the recipe must supply to it. */
  readonly needs: N;
  /** The signals that it gives. */
  readonly gives: G;
  /** Makes the stage from parsed options. Opens models through `context.models`. */
  create(options: z.output<O>, context: BuildContext): Promise<SlotStages[K]> | SlotStages[K];
}

/**
 * Defines a kind of stage. Calling the result with options gives a spec for `.with(Slot, spec)`.
 *
 * @example
 * const fixedPoint = defineStage({
 *   slot: PointPrompter, name: 'demo/fixed-point', summary: 'One point in the middle.',
 *   options: z.object({ label: z.literal([0, 1]).default(1) }),
 *   needs: ['query-state'], gives: ['point-prompt'],
 *   create: (options) => ({ prompt: async () => ... }),
 * });
 * @throws MaskloomError VALUE_INVALID when the name is not `package/stage`; calling the factory throws OPTION_INVALID
 */
export function defineStage<
  K extends SlotName,
  O extends z.ZodType,
  const N extends readonly Signal[],
  const G extends readonly Signal[],
>(definition: StageDefinition<K, O, N, G>): StageFactory<K, O, N[number], G[number]> {
  const { name, summary, options: schema } = definition;
  const slot = definition.slot.name;
  checkStageName(name, slot);
  const needs: readonly N[number][] = Object.freeze([...definition.needs]);
  const gives = Object.freeze(Object.fromEntries(definition.gives.map((signal) => [signal, true]))) as Gives<
    G[number]
  >;
  const make = (given?: z.input<O>): StageSpec<K, N[number], G[number]> => {
    const options = parseOptions(schema, given, name);
    return Object.freeze({
      slot,
      fills: definition.slot,
      name,
      options: asRecord(options),
      needs,
      gives,
      create: (context: BuildContext) => definition.create(options, context),
    });
  };
  return Object.freeze(
    Object.assign(make, { slot, fills: definition.slot, stageName: name, summary, schema }),
  );
}

/**
 * Makes a stage from options that are known only at run time (a configuration file, the command line).
 * @throws MaskloomError OPTION_INVALID
 */
export function createSpec<K extends SlotName>(
  factory: AnyStageFactory<K>,
  options?: unknown,
): AnyStageSpec<K> {
  // The factory parses its options by its own schema, so any value is safe to hand over.
  return factory(options as never);
}

function asRecord(options: unknown): Readonly<Record<string, unknown>> {
  return typeof options === 'object' && options !== null ? (options as Record<string, unknown>) : {};
}

import { MaskloomError, suggest } from '@maskloom/masks';
import type { ImageFrame } from './domain/image-frame.js';
import type { SegmentRequest, Task } from './domain/prediction.js';
import {
  recipeId,
  type BuiltStages,
  type DemandedOf,
  type Recipe,
  type RecipeResult,
  type SignalLists,
  type SlotSignals,
  type SuppliedTo,
} from './recipe.js';
import { slotOf, type InSlot } from './slots/slot-of.js';
import { SLOTS } from './slots/slot.js';
import type { SlotName } from './slots/slot-stages.js';
import type { RunContext } from './slots/stage.js';
import type { StageSpec } from './slots/spec.js';

/** Wiring as written down: lists of signals per slot. */
export type WiringLists = Partial<Readonly<Record<SlotName, SignalLists>>>;

/** The type-level wiring of written lists. */
export type WiringOf<L extends WiringLists> = {
  readonly [K in keyof L & SlotName]: SlotSignals<
    NonNullable<L[K]>['supplies'][number],
    NonNullable<L[K]>['demands'][number]
  >;
};

/** What a recipe author writes down. */
export interface RecipeDefinition<L extends WiringLists> {
  /** The system's name in kebab-case. */
  readonly system: string;
  /** Unique within the system, kebab-case. */
  readonly name: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** The tasks that a request may ask for. */
  readonly tasks: readonly Task[];
  /** For each slot: the signals supplied to its stage, and those demanded from it. */
  readonly wiring: L & { readonly [K in Exclude<keyof L, SlotName>]: never };
  /** The default stage of each slot. */
  readonly stages: {
    readonly [K in keyof L & SlotName]: StageSpec<K, SuppliedTo<WiringOf<L>, K>, DemandedOf<WiringOf<L>, K>>;
  };
  /** Which recipe of the bundle supplies the models; `system/name` when absent. */
  readonly bundleRecipe?: string;
  /** Further recipes of the bundles whose models its stages bring in: of each list one is needed. */
  readonly alsoUses?: readonly (readonly string[])[];
  /** Special tokens that the recipe watches its language model for, e.g. `[SEG]`; `build()` refuses a model without them. */
  readonly watches?: readonly string[];
  /** Runs the stages on one image; the given stages are traced, check the signal and name themselves in errors. */
  run(
    stages: BuiltStages<WiringOf<L>>,
    image: ImageFrame,
    request: SegmentRequest,
    run: RunContext,
  ): Promise<RecipeResult>;
}

/**
 * Defines a recipe: an immutable value whose wiring is known to the compiler, so that `.with(Slot, spec)`
 * refuses a stage whose inputs it cannot supply.
 * @throws MaskloomError VALUE_INVALID on a name that is not kebab-case, SLOT_UNKNOWN on a slot that is not one,
 * STAGE_MISMATCH when a wired slot has no default stage
 */
export function defineRecipe<const L extends WiringLists>(
  definition: RecipeDefinition<L>,
): Recipe<WiringOf<L>> {
  const id = recipeId(definition);
  if (!/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/.test(id)) {
    throw new MaskloomError('VALUE_INVALID', `A recipe cannot be called '${id}'.`, {
      hint: 'Use kebab-case for the system and for the name.',
    });
  }
  const stages: Readonly<Record<string, InSlot | undefined>> = definition.stages;
  // A slot is known because it is this package's own, or because a stage brings it along.
  const brought = Object.values(stages).flatMap((spec) => (spec === undefined ? [] : [slotOf(spec)]));
  const names: readonly string[] = [...SLOTS, ...brought].map((slot) => slot.name);
  for (const slot of Object.keys(definition.wiring)) {
    if (!names.includes(slot)) {
      throw new MaskloomError('SLOT_UNKNOWN', `Recipe ${id} wires a slot '${slot}'.`, {
        where: id,
        hint: suggest(slot, names),
      });
    }
    if (stages[slot] === undefined) {
      throw new MaskloomError('STAGE_MISMATCH', `Recipe ${id} has no stage for its slot ${slot}.`, {
        where: id,
        hint: `Add stages.${slot}.`,
      });
    }
  }
  const wiring = Object.entries(definition.wiring as WiringLists).map(([slot, lists]) => [
    slot,
    Object.freeze({
      supplies: Object.freeze([...lists.supplies]),
      demands: Object.freeze([...lists.demands]),
    }),
  ]);
  return Object.freeze({
    ...definition,
    tasks: Object.freeze([...definition.tasks]),
    wiring: Object.freeze(Object.fromEntries(wiring)),
    stages: Object.freeze({ ...definition.stages }),
    run: definition.run.bind(definition),
  }) as Recipe<WiringOf<L>>;
}

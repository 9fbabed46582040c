import type { ImageFrame } from './domain/image-frame.js';
import type { PredictionEvidence, Segment, SegmentRequest, Task } from './domain/prediction.js';
import type { SlotName, SlotStages } from './slots/slot-stages.js';
import type { RunContext } from './slots/stage.js';
import type { Signal } from './slots/signals.js';
import type { StageSpec } from './slots/spec.js';

/** What flows into and out of one slot, as types. */
export interface SlotSignals<S extends Signal = Signal, D extends Signal = Signal> {
  /** What the recipe supplies to the slot's stage. */
  readonly supplies: S;
  /** What the recipe demands from it. */
  readonly demands: D;
}

/** What flows into and out of one slot, as values. */
export interface SignalLists {
  /** What the recipe supplies to the slot's stage. */
  readonly supplies: readonly Signal[];
  /** What the recipe demands from it. */
  readonly demands: readonly Signal[];
}

/** For each slot a recipe has: the signals it supplies to the stage and those it demands from it. */
export type Wiring = { readonly [K in SlotName]?: SlotSignals };

/** The stages of a built pipeline, wrapped so that every call is traced. */
export type BuiltStages<W extends Wiring> = { readonly [K in keyof W & SlotName]: SlotStages[K] };

/** What a recipe's run gives; the pipeline adds provenance. */
export interface RecipeResult {
  /** The text that a language model wrote, or ''. */
  readonly answer: string;
  /** What was found. */
  readonly segments: readonly Segment[];
  /** True when the language model's answer asks for no mask (no `[SEG]`); absent where masks were asked for. */
  readonly refused?: boolean;
  /** What led to the result as a whole, for reports. */
  readonly evidence?: PredictionEvidence;
}

/**
 * A system is a recipe; a recipe fills slots. A recipe is an immutable value: stages by default,
 * the wiring between them, and the order in which they run.
 */
export interface Recipe<W extends Wiring = Wiring> {
  /** The system's name, e.g. `read`. */
  readonly system: string;
  /** Unique within the system; the full id is `system/name`. */
  readonly name: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** The tasks that a request may ask for. */
  readonly tasks: readonly Task[];
  /** The runtime form of the wiring, compared with every stage's needs and gives at `build()`. */
  readonly wiring: { readonly [K in keyof W & SlotName]: SignalLists };
  /** Default stage of each slot. */
  readonly stages: { readonly [K in keyof W & SlotName]: StageSpec<K, SuppliedTo<W, K>, DemandedOf<W, K>> };
  /** Which recipe of the bundle supplies the models; `system/name` when absent. */
  readonly bundleRecipe?: string;
  /**
   * Further recipes of the bundles whose models its stages bring in: of each list one is needed, the first that is there is
   * used.
   */
  readonly alsoUses?: readonly (readonly string[])[];
  /** Special tokens that the recipe watches its language model for, e.g. `[SEG]`; `build()` refuses a model without them. */
  readonly watches?: readonly string[];
  /** Runs the stages on one image. Must check `run.signal` before each model call it starts. */
  run(
    stages: BuiltStages<W>,
    image: ImageFrame,
    request: SegmentRequest,
    run: RunContext,
  ): Promise<RecipeResult>;
}

/** Signals that wiring W supplies to slot K. */
export type SuppliedTo<W extends Wiring, K extends SlotName> = NonNullable<W[K]>['supplies'];
/** Signals that wiring W demands from slot K. */
export type DemandedOf<W extends Wiring, K extends SlotName> = NonNullable<W[K]>['demands'];

/** Any recipe, whatever its wiring: what registries, reports and the command line handle. */
export interface AnyRecipe {
  /** The system's name, e.g. `read`. */
  readonly system: string;
  /** Unique within the system. */
  readonly name: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** The tasks that a request may ask for. */
  readonly tasks: readonly Task[];
  /** Signals supplied to and demanded from each of its slots. */
  readonly wiring: Partial<Readonly<Record<SlotName, SignalLists>>>;
  /** Default stage of each slot. */
  readonly stages: StagesOf<SlotName>;
  /** Which recipe of the bundle supplies the models; `system/name` when absent. */
  readonly bundleRecipe?: string;
  /**
   * Further recipes of the bundles whose models its stages bring in: of each list one is needed, the first that is there is
   * used.
   */
  readonly alsoUses?: readonly (readonly string[])[];
  /** Special tokens that the recipe watches its language model for, e.g. `[SEG]`; `build()` refuses a model without them. */
  readonly watches?: readonly string[];
  /** Runs the stages on one image. */
  run(
    stages: Partial<SlotStages>,
    image: ImageFrame,
    request: SegmentRequest,
    run: RunContext,
  ): Promise<RecipeResult>;
}

/** Wiring of a recipe whose types are not known: every slot, checked at `build()` only. */
export type AnyWiring = Readonly<Record<SlotName, SlotSignals<Signal, never>>>;

/** Stages of some of the slots K, whatever they need. */
export type StagesOf<K extends SlotName> = { readonly [S in K]?: StageSpec<S, Signal, never> };

/**
 * The id of a recipe, `system/name`: unique among registered plugins, and the key of its models in a bundle.
 * @param recipe - any recipe
 */
export function recipeId(recipe: { readonly system: string; readonly name: string }): string {
  return `${recipe.system}/${recipe.name}`;
}

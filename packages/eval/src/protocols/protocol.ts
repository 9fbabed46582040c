import type { FeatureCache, ImageFrame, Pipeline, PredictionOutcome, RleMask, Task } from '@maskloom/core';
import type { Overrides, RefineOverride } from '../ablation/ablation.js';
import type { Json } from '../ledger/line.js';
import type { Measure } from '@maskloom/metrics';
import type { NameMapping } from './map-names.js';
import type { EvalScene, SceneSetHead } from '../runner/scenes/scene.js';

/** Named choices between the references' ways of counting; the defaults are exact arithmetic. */
export interface EvalSwitches {
  /** A query with empty truth and empty prediction has IoU 1. */
  readonly emptyUnionIsOne: boolean;
  /** The small numbers that LISA's evaluation adds to denominators. */
  readonly referenceEpsilons: boolean;
  /** Polygons of one target are added up instead of joined. */
  readonly summedPolygons: boolean;
  /** Of several wordings only the first is asked. */
  readonly firstTextOnly: boolean;
  /** READ's P_prompt as its released code has it: points over the whole picture, and SAM's best mask of three. */
  readonly releasedPrompts: boolean;
  /** Which answers are scored: those written, or those put in the system's mouth. */
  readonly answers: 'generated' | 'teacher-forced';
}

/** The switches when none is set. */
export const DEFAULT_SWITCHES: EvalSwitches = Object.freeze({
  emptyUnionIsOne: true,
  referenceEpsilons: false,
  summedPolygons: false,
  firstTextOnly: true,
  releasedPrompts: false,
  answers: 'generated',
});

/** What refines the predictions of a recipe under test. */
export interface AskRefiner {
  /** The refining recipe, built. */
  readonly pipeline: Pipeline;
  /** What says which segment is refined: the ground truth, or the scores of the recipe under test. */
  readonly chosenBy: RefineOverride['chosenBy'];
}

/** A recipe under test on one image. */
export interface AskContext {
  /** The recipe, built. */
  readonly pipeline: Pipeline;
  /** Refines what the recipe predicts, when the row says so. */
  readonly refiner?: AskRefiner;
  /** Says which classes names mean that the recipe wrote, when the row has a mapper. */
  readonly mapper?: (names: readonly string[], classes: readonly string[]) => Promise<NameMapping>;
  /** Pipelines that the protocol asked for beside it, by their names in {@link Protocol.helpers}. */
  readonly helpers: Readonly<Record<string, Pipeline>>;
  /** The image, decoded. */
  readonly frame: ImageFrame;
  /** What is asked about it and what is true. */
  readonly scene: EvalScene;
  /** What all scenes of the set share. */
  readonly head: SceneSetHead;
  /** How figures are counted. */
  readonly switches: EvalSwitches;
  /** Shared by all recipes on this image. */
  readonly cache: FeatureCache;
  /** Questions to the pipeline at a time. */
  readonly concurrency: number;
}

/** A found region as it is kept for reports. */
export interface KeptSegment {
  /** Its name, or the phrase it answers. */
  readonly label: string;
  /** Confidence 0..1; 1 for a true region. */
  readonly score: number;
  /** At the size of the image. */
  readonly mask: RleMask;
}

/** What was asked and what was found, kept so that a report needs no model. */
export interface KeptAnswer {
  /** The phrase or question; the task for those without text. */
  readonly text: string;
  /** What was found; none for a refusal. */
  readonly segments: readonly KeptSegment[];
  /** How it ended: with a mask, with an empty one, or refused. */
  readonly outcome: PredictionOutcome;
  /** The class that each written name was counted for, where a mapper said so; else names count for themselves. */
  readonly mapping?: NameMapping;
}

/** One recipe on one image: its parts of the measures' sums, by measure, and its answers. JSON-safe. */
export interface ProtocolResult {
  /** By name of the measure, as its `count` gave them. */
  readonly parts: Readonly<Record<string, Json>>;
  /** In the order of asking. */
  readonly answers: readonly KeptAnswer[];
}

/** A pipeline that a protocol needs beside the one under test. */
export interface Helper {
  /** `system/name`; that of the recipe under test when absent. */
  readonly recipe?: string;
  /** Put READ's points over it, so that its similarity map can be seen. */
  readonly withPoints?: boolean;
  /**
   * Ask by the question of this name, where the weights were trained with one; there is no such pipeline where they were not,
   * or where the recipe under test says itself how it asks.
   */
  readonly question?: string;
  /** What is changed in it. */
  readonly stages?: Overrides['stages'];
  /** Left out where its stages do not fit together with the models at hand. */
  readonly optional?: boolean;
}

/** A way of questioning recipes about an image, with the measures that score the answers. */
export interface Protocol {
  /** Unique; part of the key of stored results. */
  readonly name: string;
  /** A change of what is asked or kept must change this: stored results of other versions are not used. */
  readonly version: number;
  /** One sentence. */
  readonly summary: string;
  /** The task that a recipe must be able to do. */
  readonly task: Task;
  /** The figure that says how well an image went: reports sort by it. */
  readonly headline: string;
  /** Recipes write names of their own, which count for a class as the row's mapper says. */
  readonly freeNames?: true;
  /**
   * Whether answers may be put in the system's mouth, as the switch `answers` says. When absent they are always the
   * system's own.
   */
  readonly canForce?: true;
  /** Pipelines needed beside the one under test, as far as there are such. */
  readonly helpers?: Readonly<Record<string, Helper>>;
  /** The measures, in the order in which their figures are shown. */
  measures(head: SceneSetHead, switches: EvalSwitches): readonly Measure<never>[];
  /** Whether there is anything to ask about a scene. */
  applies(scene: EvalScene): boolean;
  /** Asks about one image. */
  ask(context: AskContext): Promise<ProtocolResult>;
  /**
   * Counts kept answers, whatever image they are about, against a scene's truth; absent where answers are about phrases of
   * their own image.
   * @returns parts by measure, as `ask` gives them
   */
  recount?(answers: readonly KeptAnswer[], scene: EvalScene, head: SceneSetHead): ProtocolResult['parts'];
  /** What is true, in the order of the answers: for reports. */
  truths(scene: EvalScene, head: SceneSetHead, switches: EvalSwitches): readonly (readonly KeptSegment[])[];
}

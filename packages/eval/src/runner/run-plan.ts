import type { DeviceChoice } from '@maskloom/core';
import type { Ablation, Overrides } from '../ablation/ablation.js';
import type { EvalSwitches } from '../protocols/protocol.js';
import type { SceneSetHead } from './scenes/scene.js';

/** Version of the run's format. */
export const RUN_SCHEMA = 'maskloom.run/1';
/** The number in {@link RUN_SCHEMA}. */
export const RUN_VERSION = 1;

/** A recipe with its changes, as a run measures it. */
export interface Subject {
  /** `system/name`. */
  readonly recipe: string;
  /** What is changed in it. */
  readonly overrides: Overrides;
  /** Its weights; absent when there are none. */
  readonly weights?: SubjectWeights;
  /** Why it cannot be run: the recipe or its weights are missing. */
  readonly missing?: string;
  /** Protocols that the recipe cannot be asked by. */
  readonly cannot?: readonly string[];
  /** The weights say that they were not trained to the end, and why. */
  readonly untrained?: string;
  /** SHA-256 of the code of plugins that it is made of, beside the command's own. */
  readonly code?: string;
}

/** The files that a recipe's models come from. */
export interface SubjectWeights {
  /** The bundle's name and version. */
  readonly bundle: string;
  /** Which of the run's bundles, by index. */
  readonly from: number;
  /** Which of them has the refiner, when there is one. */
  readonly refiner?: number;
  /** Whose models the label mapper runs on, when there is one: index of the bundle, and its entry. */
  readonly mapper?: {
    /** Index of the bundle. */
    readonly from: number;
    /** The bundle's entry. */
    readonly entry: string;
  };
  /** The bundle's entry. */
  readonly entry: string;
  /** Trained on generated scenes, as the bundle's `origin.data.generator` says. */
  readonly toy?: true;
  /** SHA-256 of each model file, by role. */
  readonly models: Readonly<Record<string, string>>;
  /** SHA-256 over the presets in force and the tokenizer. */
  readonly constants: string;
}

/** Scenes that a run asks about. */
export interface RunPart {
  /** Its name in the tables. */
  readonly name: string;
  /** What to read, e.g. a folder, a format, a split; as shown in tables. */
  readonly source: Readonly<Record<string, string | number>>;
  /** Why there is none. */
  readonly missing?: string;
}

/** Who is asked what about which scenes. */
export interface RunWork {
  /** Name of a part. */
  readonly part: string;
  /** Name of a protocol. */
  readonly protocol: string;
  /** Indices of subjects. */
  readonly subjects: readonly number[];
}

/** A run as it is written down in its folder: everything that its results depend on. JSON-safe. */
export interface RunPlan {
  /** Name and version of the format. */
  readonly schema: typeof RUN_SCHEMA;
  /** The command that makes the run, without what does not change its results. */
  readonly command: string;
  /** Where models run, as asked for. */
  readonly device: DeviceChoice;
  /** Folders of the bundles. */
  readonly bundles: readonly string[];
  /** Plugins that workers load beside those that come with the command: `file:` URLs. */
  readonly plugins?: {
    /** Of a configuration file. */
    readonly config?: string;
    /** Of modules that export plugins. */
    readonly modules: readonly string[];
  };
  /** How figures are counted. */
  readonly switches: EvalSwitches;
  /** `synthetic` or `real`: which source of each column is shown. */
  readonly world: 'synthetic' | 'real';
  /** Recipes under test, each with its changes; work names them by index. */
  readonly subjects: readonly Subject[];
  /** Sets of scenes, those that are missing included. */
  readonly parts: readonly RunPart[];
  /** Every part with the protocol and the subjects that are asked about it. */
  readonly work: readonly RunWork[];
  /** The tables to show. */
  readonly tables: readonly Ablation[];
}

/** What a worker process opens: a plan, and where the images of each part are. */
export interface WorkerPlan extends Pick<
  RunPlan,
  'device' | 'bundles' | 'plugins' | 'switches' | 'subjects'
> {
  /** Head of each part's scenes, by name. */
  readonly heads: Readonly<Record<string, SceneSetHead>>;
  /** Questions to a pipeline at a time. */
  readonly concurrency: number;
  /** Largest width * height of a picture that is read; 100,000,000 when absent. */
  readonly maxPixels?: number;
}

/** One unit as a worker gets it. */
export interface PlannedUnit {
  /** Index into the plan's subjects. */
  readonly subject: number;
  /** Name of a part. */
  readonly part: string;
  /** Name of a protocol. */
  readonly protocol: string;
}

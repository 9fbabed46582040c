import type { BundleManifest, BundleModel } from '../bundle/manifest.js';
import { estimateMemory } from './model-memory.js';
import type { ModelMemory } from './model-memory.js';

/** What one model of a bundle will need. */
export interface PlannedModel extends ModelMemory {
  /** Its id in the manifest. */
  readonly id: string;
  /** Element type of the stored weights. */
  readonly dtype: string;
  /** Weights on disk, those beside the graph included. */
  readonly disk: number;
  /** Tokens that a picture becomes for the language models; absent for other models. */
  readonly imageTokens?: number | undefined;
  /** Whether it can be opened and called with this much memory, alone. */
  readonly fits: boolean;
}

/** What the models of one recipe need together. */
export interface PlannedRecipe {
  /** `system/name`. */
  readonly id: string;
  /** Most memory when every model is open and the largest call runs: what calls leave is given back, or kept. */
  readonly peak: {
    /** Bytes where it is given back. */
    readonly givenBack: number;
    /** Bytes where it is kept. */
    readonly kept: number;
  };
  /** Whether that fits, without giving anything back. */
  readonly fits: boolean;
}

/** What a bundle will need, before anything of it is opened. */
export interface MemoryPlan {
  /** Bytes that can be taken. */
  readonly free: number;
  /** Every model, in the manifest's order. */
  readonly models: readonly PlannedModel[];
  /** Every recipe, in the manifest's order. */
  readonly recipes: readonly PlannedRecipe[];
}

/** Words of a prompt and its answer, beside the picture. */
const TEXT_TOKENS = 256;

/**
 * Works out from a manifest what opening and running its models will take. Estimates for the CPU: another device has
 * memory of its own, of which ONNX Runtime says nothing.
 * @param free - bytes that can be taken
 */
export function planMemory(manifest: BundleManifest, free: number): MemoryPlan {
  const imageTokens = tokensOf(manifest);
  const models = Object.entries(manifest.models).map(([id, model]): PlannedModel => {
    const disk = diskOf(model);
    const reads = model.inputs.some(({ name }) => name.startsWith('past_key_values.'));
    const tokens = reads ? imageTokens : undefined;
    const expected = estimateMemory({ ...model, bytes: disk }, (tokens ?? 1024) + TEXT_TOKENS);
    return {
      id,
      dtype: model.dtype,
      disk,
      ...expected,
      imageTokens: tokens,
      fits: Math.max(expected.open, expected.run) <= free,
    };
  });
  const byId = new Map(models.map((model) => [model.id, model]));
  const recipes = Object.entries(manifest.recipes).map(([id, recipe]): PlannedRecipe => {
    const used = [...new Set(Object.values(recipe.models))].flatMap((model) => byId.get(model) ?? []);
    const peak = peakOf(used);
    return { id, peak, fits: peak.kept <= free };
  });
  return { free, models, recipes };
}

function peakOf(models: readonly PlannedModel[]): PlannedRecipe['peak'] {
  const resident = models.reduce((sum, model) => sum + model.resident, 0);
  // The model with the largest need to open may be opened last.
  const beyond = models.map(({ open, run, resident: held }) => Math.max(open, run) - held);
  const calls = models.reduce((sum, { run, resident: held }) => sum + run - held, 0);
  const largest = Math.max(0, ...beyond);
  return { givenBack: resident + largest, kept: resident + Math.max(largest, calls) };
}

function diskOf({ bytes, data = [] }: BundleModel): number {
  return data.reduce((sum, file) => sum + file.bytes, bytes);
}

/** The most that a preset of a language model says. */
function tokensOf({ presets }: BundleManifest): number | undefined {
  const named = ['llava', 'onevision'].map(
    (name) => (presets[name] as { readonly imageTokens?: unknown } | undefined)?.imageTokens,
  );
  const counts = named.filter((count): count is number => typeof count === 'number');
  return counts.length === 0 ? undefined : Math.max(...counts);
}

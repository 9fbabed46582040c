import {
  compose,
  MaskloomError,
  recipeId,
  type AnyRecipe,
  type DeviceChoice,
  type Pipeline,
} from '@maskloom/core';
import { onnx, type Bundle, type BundleSource, type OnnxSource } from '@maskloom/runtime';

/** A bundle that was opened, and where its models come from. */
export interface StudioBundle {
  /** How `findBundle` of the package `maskloom` finds it, for code that is shown; its own name when absent. */
  readonly named?: string;
  /** Where its models are opened from. */
  readonly source: BundleSource;
  /** Its manifest and files. */
  readonly bundle: Bundle;
}

interface Held {
  readonly pipeline: Promise<Pipeline>;
  users: number;
}

/** Pipelines kept ready. */
const KEPT = 24;

/** Pipelines over the bundles' models, kept ready while they are used; models stay open until the studio closes. */
export class Models {
  readonly #sources: readonly {
    readonly bundle: Bundle;
    readonly named: string;
    readonly models: OnnxSource;
  }[];
  /** By recipe and stages; the map's order is that of use. */
  readonly #held = new Map<string, Held>();

  constructor(bundles: readonly StudioBundle[], device: DeviceChoice, onWarning?: (message: string) => void) {
    this.#sources = bundles.map(({ source, bundle, named = bundle.name }) => ({
      bundle,
      named,
      models: onnx({ bundle: source, device, keepOpen: true, ...(onWarning && { onWarning }) }),
    }));
  }

  /** Whether a bundle has the recipe's models. */
  has(recipe: AnyRecipe): boolean {
    return this.#sourceOf(recipe) !== undefined;
  }

  /** The bundle that a recipe's models come from, and how it was named. */
  bundleOf(recipe: AnyRecipe): { readonly bundle: Bundle; readonly named: string } | undefined {
    return this.#sourceOf(recipe);
  }

  /** Live tensors of all models. */
  get liveTensors(): number {
    return this.#sources.reduce((sum, { models }) => sum + models.liveTensors, 0);
  }

  /**
   * Lends a built pipeline.
   * @param key - equal for equal recipes with equal stages
   * @throws MaskloomError BUNDLE_INVALID when no bundle has the recipe's models; those of `build()`
   */
  async use<T>(key: string, recipe: AnyRecipe, work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
    const held = this.#held.get(key) ?? { pipeline: this.#build(recipe), users: 0 };
    this.#held.delete(key);
    this.#held.set(key, held);
    held.users++;
    try {
      return await work(await held.pipeline);
    } catch (error) {
      // What cannot be built is not kept.
      await held.pipeline.catch(() => this.#held.delete(key));
      throw error;
    } finally {
      held.users--;
      await this.#trim();
    }
  }

  /** Disposes of everything. */
  async dispose(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    for (const { pipeline } of all) await pipeline.then((one) => one.dispose()).catch(() => undefined);
    for (const { models } of this.#sources) await models.dispose();
  }

  async #build(recipe: AnyRecipe): Promise<Pipeline> {
    const found = this.#sourceOf(recipe);
    if (found === undefined)
      throw new MaskloomError('BUNDLE_INVALID', `No bundle has models for ${recipeId(recipe)}.`, {
        where: '--bundle',
        hint: 'Start the studio with a bundle that has them.',
      });
    return compose(recipe).on(found.models).build();
  }

  #sourceOf(recipe: AnyRecipe) {
    const id = recipe.bundleRecipe ?? recipeId(recipe);
    return this.#sources.find(({ bundle }) => bundle.recipes.includes(id));
  }

  async #trim(): Promise<void> {
    for (const [key, { pipeline, users }] of [...this.#held].slice(0, -KEPT)) {
      if (users > 0) continue;
      this.#held.delete(key);
      await (await pipeline).dispose();
    }
  }
}

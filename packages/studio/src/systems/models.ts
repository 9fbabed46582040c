import {
  compose,
  MaskloomError,
  recipeId,
  type AnyRecipe,
  type Device,
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

/** A device, and how it was asked for: with `auto` the CPU takes what it cannot. */
export interface PlacedDevice {
  readonly device: Device;
  readonly choice: DeviceChoice;
}

interface Held {
  readonly pipeline: Promise<Pipeline>;
  users: number;
}

/** Pipelines kept ready. */
const KEPT = 24;

/** Pipelines over the bundles' models, kept ready while they are used; models stay open until the studio closes. */
export class Models {
  readonly #bundles: readonly StudioBundle[];
  readonly #onWarning: ((message: string) => void) | undefined;
  /** By device and place of the bundle. */
  readonly #sources = new Map<string, OnnxSource>();
  /** By device, recipe and stages; the map's order is that of use. */
  readonly #held = new Map<string, Held>();

  constructor(bundles: readonly StudioBundle[], onWarning?: (message: string) => void) {
    this.#bundles = bundles;
    this.#onWarning = onWarning;
  }

  /** Whether a bundle has the recipe's models. */
  has(recipe: AnyRecipe): boolean {
    return this.bundleOf(recipe) !== undefined;
  }

  /** The bundle that a recipe's models come from, and how it was named. */
  bundleOf(recipe: AnyRecipe): StudioBundle | undefined {
    const id = recipe.bundleRecipe ?? recipeId(recipe);
    return this.#bundles.find(({ bundle }) => bundle.recipes.includes(id));
  }

  /** Live tensors of all models. */
  get liveTensors(): number {
    return [...this.#sources.values()].reduce((sum, models) => sum + models.liveTensors, 0);
  }

  /**
   * Lends a built pipeline.
   * @param device - where it runs
   * @param name - equal for equal recipes with equal stages
   * @throws MaskloomError BUNDLE_INVALID when no bundle has the recipe's models; those of `build()`
   */
  async use<T>(
    device: PlacedDevice,
    name: string,
    recipe: AnyRecipe,
    work: (pipeline: Pipeline) => Promise<T>,
  ): Promise<T> {
    const key = `${device.device} ${name}`;
    const held = this.#held.get(key) ?? { pipeline: this.#build(recipe, device), users: 0 };
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
    for (const models of this.#sources.values()) await models.dispose();
    this.#sources.clear();
  }

  async #build(recipe: AnyRecipe, device: PlacedDevice): Promise<Pipeline> {
    const found = this.bundleOf(recipe);
    if (found === undefined)
      throw new MaskloomError('BUNDLE_INVALID', `No bundle has models for ${recipeId(recipe)}.`, {
        where: '--bundle',
        hint: 'Start the studio with a bundle that has them.',
      });
    return compose(recipe).on(this.#sourceOf(found, device)).build();
  }

  #sourceOf(bundle: StudioBundle, { device, choice }: PlacedDevice): OnnxSource {
    const key = `${device} ${this.#bundles.indexOf(bundle)}`;
    const onWarning = this.#onWarning;
    const models =
      this.#sources.get(key) ??
      onnx({ bundle: bundle.source, device: choice, keepOpen: true, ...(onWarning && { onWarning }) });
    this.#sources.set(key, models);
    return models;
  }

  async #trim(): Promise<void> {
    for (const [key, { pipeline, users }] of [...this.#held].slice(0, -KEPT)) {
      if (users > 0) continue;
      this.#held.delete(key);
      await (await pipeline).dispose();
    }
  }
}

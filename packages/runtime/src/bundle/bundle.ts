import { MaskloomError, suggest } from '@maskloom/core';
import type { ModelPort, Tokenizer } from '@maskloom/core';
import { bundleFiles } from './bundle-files.js';
import type { BundleManifest, BundleModel, BundleRecipe } from './manifest.js';
import { loadTokenizer } from '../tokenizer/load-tokenizer.js';
import { mergePreset } from './merge-preset.js';

/** A model file that was checked. */
export interface CheckedModel {
  /** Its id in the manifest. */
  readonly id: string;
  /** Path of the file; the weights beside it, if any, are found from there. */
  readonly path: string;
  /** SHA-256 of the file and of the weights beside it, lower-case hexadecimal, joined by `+`: what the model is known by. */
  readonly sha256: string;
  /** Size of the file and of the weights beside it. */
  readonly bytes: number;
  /** Element type of the stored weights. */
  readonly dtype: string;
  /** Inputs as the manifest has them. */
  readonly inputs: readonly ModelPort[];
  /** Outputs as the manifest has them. */
  readonly outputs: readonly ModelPort[];
  /** Names of ports in the file, by the manifest's, where they differ; '' where the file has none. */
  readonly names?: Readonly<Record<string, string>>;
}

/** A bundle whose every file was checked. Nothing of it is open. */
export class Bundle {
  readonly #paths: ReadonlyMap<string, string>;
  #tokenizer: Promise<Tokenizer> | undefined;

  /**
   * @param paths - path of every file the manifest names
   */
  constructor(
    /** Real path of its folder. */
    readonly root: string,
    /** The parsed manifest. */
    readonly manifest: BundleManifest,
    paths: ReadonlyMap<string, string>,
  ) {
    this.#paths = paths;
  }

  /** The bundle's name. */
  get name(): string {
    return this.manifest.name;
  }

  /** Ids of the recipes it has models for. */
  get recipes(): readonly string[] {
    return Object.keys(this.manifest.recipes);
  }

  /**
   * A recipe's entry.
   * @param id - `system/name`
   * @throws MaskloomError BUNDLE_INVALID naming the recipes that exist.
   */
  recipe(id: string): BundleRecipe {
    const recipe = Object.hasOwn(this.manifest.recipes, id) ? this.manifest.recipes[id] : undefined;
    if (recipe !== undefined) return recipe;
    throw new MaskloomError(
      'BUNDLE_INVALID',
      `the bundle '${this.name}' has no models for the recipe '${id}'`,
      {
        where: 'bundle.json: recipes',
        hint: suggest(id, this.recipes),
      },
    );
  }

  /**
   * The model that fills a role in a recipe.
   * @throws MaskloomError BUNDLE_INVALID naming the roles that exist.
   */
  model(recipeId: string, role: string): CheckedModel {
    const { models } = this.recipe(recipeId);
    const id = Object.hasOwn(models, role) ? models[role] : undefined;
    if (id === undefined) {
      throw new MaskloomError(
        'BUNDLE_INVALID',
        `the recipe '${recipeId}' of the bundle '${this.name}' has no model for the role '${role}'`,
        {
          where: `bundle.json: recipes.${recipeId}.models`,
          hint: suggest(role, Object.keys(models)),
        },
      );
    }
    const model = this.manifest.models[id] as BundleModel;
    const { data = [], dtype, inputs, outputs, names } = model;
    const sha256 = [model, ...data].map((file) => file.sha256).join('+');
    const bytes = data.reduce((sum, file) => sum + file.bytes, model.bytes);
    return {
      id,
      path: this.#path(model.file),
      sha256,
      bytes,
      dtype,
      inputs,
      outputs,
      ...(names && { names }),
    };
  }

  /**
   * A group of constants with the recipe's overrides applied.
   * @throws MaskloomError BUNDLE_INVALID naming the groups that exist.
   */
  preset(recipeId: string, name: string): unknown {
    const overrides = this.recipe(recipeId).presets ?? {};
    const base = this.manifest.presets;
    if (!Object.hasOwn(base, name) && !Object.hasOwn(overrides, name)) {
      const names = new Set([...Object.keys(base), ...Object.keys(overrides)]);
      throw new MaskloomError('BUNDLE_INVALID', `the bundle '${this.name}' has no preset '${name}'`, {
        where: 'bundle.json: presets',
        hint: suggest(name, names),
      });
    }
    return mergePreset(
      Object.hasOwn(base, name) ? base[name] : undefined,
      Object.hasOwn(overrides, name) ? overrides[name] : undefined,
    );
  }

  /**
   * The tokenizer, loaded once.
   * @throws MaskloomError BUNDLE_INVALID when the bundle has none or it cannot be read.
   */
  tokenizer(): Promise<Tokenizer> {
    this.#tokenizer ??= this.#loadTokenizer();
    return this.#tokenizer;
  }

  /**
   * The path of a file of the manifest.
   * @param sha256 - of its content, lower-case hexadecimal
   * @returns `undefined` when the manifest names none of that content
   */
  fileOf(sha256: string): string | undefined {
    const named = bundleFiles(this.manifest).find(({ file }) => file.sha256 === sha256);
    return named && this.#path(named.file.file);
  }

  #loadTokenizer(): Promise<Tokenizer> {
    const files = this.manifest.tokenizer?.files ?? [];
    return loadTokenizer(new Map(files.map(({ file }) => [file, this.#path(file)])), `bundle '${this.name}'`);
  }

  #path(file: string): string {
    const path = this.#paths.get(file);
    if (path === undefined) throw new MaskloomError('INTERNAL', `the file '${file}' was never located`);
    return path;
  }
}

import semver from 'semver';
import { MaskloomError } from '../errors/maskloom-error.js';
import { suggest } from '../errors/nearest.js';
import { recipeId, type AnyRecipe } from '../recipe.js';
import type { AnyStageFactory } from '../slots/any-stage.js';
import type { Slot, SlotName } from '../slots/slot.js';
import { API_VERSION, type Plugin } from './plugin.js';

/** A system as lists show it. */
export interface SystemEntry {
  /** The system's name. */
  readonly system: string;
  /** The plugin that brought it. */
  readonly plugin: string;
  /** Its recipes; the first is the default. */
  readonly recipes: readonly AnyRecipe[];
}

/** Registered plugins, and lookups by name for configuration files and the command line. */
export interface Registry {
  /** The plugins, in the order of their registration. */
  readonly plugins: readonly Plugin[];
  /**
   * Registers a plugin, all of it or nothing.
   * @returns this registry, for chaining
   * @throws MaskloomError PLUGIN_INCOMPATIBLE when its `api` range does not hold API_VERSION, PLUGIN_DUPLICATE when
   * its name, a stage or a recipe is taken
   */
  register(plugin: Plugin): Registry;
  /**
   * A recipe by `system/name`, or a system's first recipe by the system's name alone.
   * @throws MaskloomError SYSTEM_UNKNOWN, RECIPE_UNKNOWN, naming the nearest
   */
  recipe(id: string): AnyRecipe;
  /** Every system with its recipes. */
  systems(): readonly SystemEntry[];
  /** Every stage kind, or those of one slot. */
  stages(slot?: Slot<SlotName>): readonly AnyStageFactory[];
  /**
   * A stage kind by `package/stage`.
   * @throws MaskloomError VALUE_INVALID naming the nearest
   */
  stage(name: string): AnyStageFactory;
}

/** Makes an empty registry. Registries share nothing: two in one process may hold different plugins. */
export function createRegistry(): Registry {
  return new PluginRegistry();
}

class PluginRegistry implements Registry {
  readonly #plugins = new Map<string, Plugin>();
  readonly #stages = new Map<string, AnyStageFactory>();
  readonly #recipes = new Map<string, AnyRecipe>();
  readonly #systems = new Map<string, { readonly plugin: string; readonly recipes: AnyRecipe[] }>();

  get plugins(): readonly Plugin[] {
    return [...this.#plugins.values()];
  }

  register(plugin: Plugin): Registry {
    checkApi(plugin);
    this.#refuseDuplicates(plugin);
    this.#plugins.set(plugin.name, plugin);
    for (const stage of plugin.stages) this.#stages.set(stage.stageName, stage);
    for (const recipe of plugin.recipes) {
      this.#recipes.set(recipeId(recipe), recipe);
      const system = this.#systems.get(recipe.system) ?? { plugin: plugin.name, recipes: [] };
      system.recipes.push(recipe);
      this.#systems.set(recipe.system, system);
    }
    return this;
  }

  recipe(id: string): AnyRecipe {
    const [name = '', ...rest] = id.split('/');
    const system = this.#systems.get(name);
    if (system === undefined) {
      throw new MaskloomError('SYSTEM_UNKNOWN', `There is no system '${name}'.`, {
        where: id,
        hint: suggest(name, this.#systems.keys()),
      });
    }
    const recipe = rest.length === 0 ? system.recipes[0] : this.#recipes.get(id);
    if (recipe !== undefined) return recipe;
    throw new MaskloomError('RECIPE_UNKNOWN', `System '${name}' has no recipe '${rest.join('/')}'.`, {
      where: id,
      hint: suggest(id, system.recipes.map(recipeId)),
    });
  }

  systems(): readonly SystemEntry[] {
    return [...this.#systems].map(([system, { plugin, recipes }]) => ({
      system,
      plugin,
      recipes: [...recipes],
    }));
  }

  stages(slot?: Slot<SlotName>): readonly AnyStageFactory[] {
    return [...this.#stages.values()].filter((stage) => slot === undefined || stage.slot === slot.name);
  }

  stage(name: string): AnyStageFactory {
    const stage = this.#stages.get(name);
    if (stage !== undefined) return stage;
    throw new MaskloomError('VALUE_INVALID', `There is no stage '${name}'.`, {
      where: name,
      hint: suggest(name, this.#stages.keys()),
    });
  }

  #refuseDuplicates(plugin: Plugin): void {
    if (this.#plugins.has(plugin.name)) throw duplicate(plugin, `a plugin '${plugin.name}' is registered`);
    const stages = plugin.stages.map((stage) => stage.stageName);
    const recipes = plugin.recipes.map(recipeId);
    for (const [kind, names, taken] of [
      ['stage', stages, this.#stages],
      ['recipe', recipes, this.#recipes],
    ] as const) {
      const twice = names.find((name, i) => taken.has(name) || names.indexOf(name) !== i);
      if (twice !== undefined) throw duplicate(plugin, `a ${kind} '${twice}' is registered`);
    }
  }
}

function checkApi(plugin: Plugin): void {
  const { name, version, api } = plugin;
  if (semver.validRange(api) !== null && semver.satisfies(API_VERSION, api)) return;
  const why =
    semver.validRange(api) === null
      ? `'${api}' is not a version range`
      : `it needs API ${api}, this is ${API_VERSION}`;
  throw new MaskloomError('PLUGIN_INCOMPATIBLE', `Plugin ${name} ${version} cannot be registered: ${why}.`, {
    where: name,
    hint: 'Install a version of the plugin made for this version of @maskloom/core.',
  });
}

function duplicate(plugin: Plugin, why: string): MaskloomError {
  return new MaskloomError(
    'PLUGIN_DUPLICATE',
    `Plugin ${plugin.name} cannot be registered: ${why} already.`,
    {
      where: plugin.name,
      hint: 'Register each plugin once, and give stages and recipes names of their own.',
    },
  );
}

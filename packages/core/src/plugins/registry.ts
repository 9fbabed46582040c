import { createRequire } from 'node:module';
import { MaskloomError, suggest } from '@maskloom/masks';
import type semver from 'semver';
import { recipeId, type AnyRecipe } from '../recipe.js';
import type { AnyStageFactory } from '../slots/any-stage.js';
import { slotOf, slotsInOrder } from '../slots/slot-of.js';
import { SLOTS } from '../slots/slot.js';
import type { Slot } from '../slots/slot-value.js';
import type { SlotName } from '../slots/slot-stages.js';
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
  /**
   * Every slot that can be filled, in the order in which a picture flows through them: this package's own, and those
   * that the stages and recipes of the registered plugins bring along.
   */
  slots(): readonly Slot<SlotName>[];
  /** Every stage kind. */
  stages(): readonly AnyStageFactory[];
  /** The stage kinds of one slot. */
  stages<K extends SlotName>(slot: Pick<Slot<K>, 'name'>): readonly AnyStageFactory<K>[];
  /**
   * A stage kind by `package/stage`.
   * @throws MaskloomError VALUE_INVALID naming the nearest
   */
  stage(name: string): AnyStageFactory;
  /**
   * A stage kind of one slot, typed by it.
   * @throws MaskloomError VALUE_INVALID naming the nearest, STAGE_MISMATCH when it fills another slot
   */
  stage<K extends SlotName>(name: string, slot: Pick<Slot<K>, 'name'>): AnyStageFactory<K>;
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

  slots(): readonly Slot<SlotName>[] {
    const own = SLOTS.map((slot) => ({ slot: slot.name, fills: slot }));
    const specs = [...this.#recipes.values()].flatMap(({ stages }) => Object.values(stages));
    return slotsInOrder([...own, ...this.#stages.values(), ...specs]);
  }

  stages(): readonly AnyStageFactory[];
  stages<K extends SlotName>(slot: Pick<Slot<K>, 'name'>): readonly AnyStageFactory<K>[];
  stages(slot?: Pick<Slot<SlotName>, 'name'>): readonly AnyStageFactory[] {
    return [...this.#stages.values()].filter((stage) => slot === undefined || stage.slot === slot.name);
  }

  stage(name: string): AnyStageFactory;
  stage<K extends SlotName>(name: string, slot: Pick<Slot<K>, 'name'>): AnyStageFactory<K>;
  stage(name: string, slot?: Pick<Slot<SlotName>, 'name'>): AnyStageFactory {
    const stage = this.#stages.get(name);
    if (stage !== undefined) {
      if (slot === undefined || stage.slot === slot.name) return stage;
      throw new MaskloomError('STAGE_MISMATCH', `Stage ${name} fills ${stage.slot}, not ${slot.name}.`, {
        where: name,
        hint: `Stages of ${slot.name}: ${
          this.stages(slot)
            .map((other) => other.stageName)
            .join(', ') || '(none)'
        }.`,
      });
    }
    throw new MaskloomError('VALUE_INVALID', `There is no stage '${name}'.`, {
      where: name,
      hint: suggest(name, this.#stages.keys()),
    });
  }

  #refuseDuplicates(plugin: Plugin): void {
    if (this.#plugins.has(plugin.name)) throw duplicate(plugin, `a plugin '${plugin.name}' is registered`);
    const stages = plugin.stages.map((stage) => stage.stageName);
    const recipes = plugin.recipes.map(recipeId);
    const slots = new Map<string, Slot<SlotName>>(this.slots().map((slot) => [slot.name, slot]));
    for (const slot of slotsOf(plugin)) {
      const known = slots.get(slot.name) ?? slot;
      // By value: two copies of one package define the same slot.
      if (JSON.stringify(known) !== JSON.stringify(slot))
        throw duplicate(plugin, `another slot '${slot.name}' is registered`);
      slots.set(slot.name, slot);
    }
    for (const [kind, names, taken] of [
      ['stage', stages, this.#stages],
      ['recipe', recipes, this.#recipes],
    ] as const) {
      const twice = names.find((name, i) => taken.has(name) || names.indexOf(name) !== i);
      if (twice !== undefined) throw duplicate(plugin, `a ${kind} '${twice}' is registered`);
    }
  }
}

/** The slots that a plugin's stages and recipes bring along. */
function slotsOf({ stages, recipes }: Plugin): readonly Slot<SlotName>[] {
  return [...stages, ...recipes.flatMap((recipe) => Object.values(recipe.stages))].map((stage) =>
    slotOf(stage),
  );
}

function checkApi(plugin: Plugin): void {
  const { name, version, api } = plugin;
  // Its fifty files are read with the first plugin, not with the package.
  const { satisfies, validRange } = createRequire(import.meta.url)('semver') as typeof semver;
  if (validRange(api) !== null && satisfies(API_VERSION, api)) return;
  const why =
    validRange(api) === null
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

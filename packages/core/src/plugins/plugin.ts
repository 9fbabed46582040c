import { MaskloomError } from '@maskloom/masks';
import type { AnyRecipe } from '../recipe.js';
import type { AnyStageFactory } from '../slots/any-stage.js';

/** Version of the plugin contract: slots, recipes and their types. Raised by semantic versioning. */
export const API_VERSION = '1.0.0';

/** A visible value that holds what a package adds: stages and recipes. Nothing happens until it is registered. */
export interface Plugin {
  /** The plugin's name in kebab-case, usually the system's. */
  readonly name: string;
  /** Its own version. */
  readonly version: string;
  /** The range of {@link API_VERSION} that it works with, e.g. `^1.0`. */
  readonly api: string;
  /** Stage kinds, for lists, help texts and configuration files. */
  readonly stages: readonly AnyStageFactory[];
  /** Recipes; the first of a system is its default. */
  readonly recipes: readonly AnyRecipe[];
}

/** What a plugin author writes down; lists that are left out are empty. */
export interface PluginDefinition extends Pick<Plugin, 'name' | 'version' | 'api'> {
  /** Stage kinds, as `defineStage` makes them. */
  readonly stages?: readonly AnyStageFactory[];
  /** Recipes, as `defineRecipe` makes them. */
  readonly recipes?: readonly AnyRecipe[];
}

/**
 * Defines a plugin: a frozen value.
 * @throws MaskloomError VALUE_INVALID on a name that is not kebab-case
 */
export function definePlugin(definition: PluginDefinition): Plugin {
  const { name, version, api, stages = [], recipes = [] } = definition;
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new MaskloomError('VALUE_INVALID', `A plugin cannot be called '${name}'.`, {
      where: 'definePlugin',
      hint: 'Use kebab-case.',
    });
  }
  return Object.freeze({
    name,
    version,
    api,
    stages: Object.freeze([...stages]),
    recipes: Object.freeze([...recipes]),
  });
}

import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AnyRecipe, Registry } from '@maskloom/core';
import { isHubName } from '../hub/hub-source.js';
import { createDefaultRegistry } from '../default-registry.js';
import type { ConfiguredData, MaskloomConfig } from './config.js';
import { findConfig } from './find-config.js';
import { moduleUrl } from './import-module.js';
import { loadSources, type LoadedPlugin, type PluginSources } from './load-plugins.js';

/** What a command works with: the systems that come with it and everything that a project adds. */
export interface Workspace {
  /** Every system and stage. */
  readonly registry: Registry;
  /** Where those that do not come with the command are from. */
  readonly sources: PluginSources;
  /** The configuration, with folders as absolute paths; empty where there is no file. */
  readonly config: MaskloomConfig;
  /** What the code of a recipe is, beside that of the command: SHA-256; nothing where all of it comes with the command. */
  codeOf(recipe: AnyRecipe): string | undefined;
}

/** How a workspace is found. */
export interface WorkspaceOptions {
  /** A configuration file; the nearest one from the working folder upwards when absent, none when `false`. */
  readonly config?: string | false | undefined;
  /** More modules that export plugins: packages, or paths relative to the working folder. */
  readonly plugins?: readonly string[] | undefined;
  /** The working folder; the process's own when absent. */
  readonly cwd?: string;
}

/**
 * Finds and loads a project's configuration and plugins.
 * @throws MaskloomError `CONFIG_INVALID`, `PLUGIN_INVALID`, PLUGIN_INCOMPATIBLE, PLUGIN_DUPLICATE
 */
export async function openWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const { cwd = process.cwd(), plugins = [] } = options;
  const file = options.config === false ? undefined : findConfig(options.config, cwd);
  return loadWorkspace({
    ...(file === undefined ? {} : { config: pathToFileURL(file).href }),
    modules: plugins.map((one) => moduleUrl(one, join(resolve(cwd), '/'))),
  });
}

/** A workspace from the places that {@link openWorkspace} found: what a worker process does. */
export async function loadWorkspace(sources: PluginSources): Promise<Workspace> {
  const { config, plugins } = await loadSources(sources);
  const registry = plugins.reduce((all, { plugin }) => all.register(plugin), createDefaultRegistry());
  const base = sources.config === undefined ? '.' : dirname(fileURLToPath(sources.config));
  return {
    registry,
    sources,
    config: { ...config, ...placed(config, base) },
    codeOf: (recipe) => codeOf(recipe, plugins),
  };
}

function codeOf(recipe: AnyRecipe, plugins: readonly LoadedPlugin[]): string | undefined {
  const stages = new Set(Object.values(recipe.stages).map(({ name }) => name));
  const used = plugins.filter(
    ({ plugin }) =>
      plugin.recipes.some((one) => one.system === recipe.system && one.name === recipe.name) ||
      plugin.stages.some(({ stageName }) => stages.has(stageName)),
  );
  return used.length === 0 ? undefined : [...new Set(used.map(({ code }) => code))].join(' ');
}

/** The folders of a configuration as absolute paths. */
function placed(
  { bundles = {}, data = {} }: MaskloomConfig,
  base: string,
): Pick<MaskloomConfig, 'bundles' | 'data'> {
  return {
    bundles: Object.fromEntries(
      Object.entries(bundles).map(([name, folder]) => [
        name,
        isHubName(folder) ? folder : resolve(base, folder),
      ]),
    ),
    data: Object.fromEntries(
      Object.entries(data).map(([name, one]): [string, ConfiguredData] => [
        name,
        { ...one, folder: resolve(base, one.folder) },
      ]),
    ),
  };
}

/** Gives a command the workspace, opened once when it is first asked for. */
export type OpenWorkspace = () => Promise<Workspace>;

import { fileURLToPath } from 'node:url';
import { MaskloomError, type Plugin } from '@maskloom/core';
import type { MaskloomConfig } from './config.js';
import { importModule, moduleUrl } from './import-module.js';
import { moduleHash } from './module-hash.js';
import { isPlugin, readConfig } from './read-config.js';

/** Where plugins beside those of the command come from, so that another process finds them too. JSON-safe. */
export interface PluginSources {
  /** `file:` URL of the configuration file. */
  readonly config?: string;
  /** `file:` URLs of modules that export plugins. */
  readonly modules: readonly string[];
}

/** A plugin and the module that it came from. */
export interface LoadedPlugin {
  /** The plugin itself. */
  readonly plugin: Plugin;
  /** SHA-256 of the module's source and of what it imports by relative paths. */
  readonly code: string;
}

/** What a configuration file and modules hold. */
export interface LoadedSources {
  /** The configuration; empty where there is no file. */
  readonly config: MaskloomConfig;
  /** In the order they are named, the configuration's first. */
  readonly plugins: readonly LoadedPlugin[];
}

/**
 * Loads a configuration file and modules.
 * @throws MaskloomError `PLUGIN_INVALID`, `CONFIG_INVALID`
 */
export async function loadSources({ config: url, modules }: PluginSources): Promise<LoadedSources> {
  const plugins: LoadedPlugin[] = [];
  let config: MaskloomConfig = {};
  if (url !== undefined) {
    const path = fileURLToPath(url);
    config = readConfig(await importModule(url), path);
    for (const one of config.plugins ?? []) {
      if (typeof one === 'string') plugins.push(...(await ofModule(moduleUrl(one, path))));
      else plugins.push({ plugin: one, code: moduleHash(url) });
    }
  }
  for (const one of modules) plugins.push(...(await ofModule(one)));
  return { config, plugins };
}

async function ofModule(url: string): Promise<readonly LoadedPlugin[]> {
  const exports = await importModule(url);
  const plugins = [...new Set([exports['default'], ...Object.values(exports)].filter(isPlugin))];
  if (plugins.length === 0)
    throw new MaskloomError('PLUGIN_INVALID', 'The module exports no plugin.', {
      where: fileURLToPath(url),
      hint: 'Export what definePlugin({ name, version, api, stages, recipes }) gives.',
    });
  const code = moduleHash(url);
  return plugins.map((plugin) => ({ plugin, code }));
}

import { readFile } from 'node:fs/promises';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { MaskloomError } from '@maskloom/core';
import { resolve as resolveSpecifier } from 'import-meta-resolve';

/** What a module exports. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/**
 * The URL of a module named in a configuration or on a command line.
 * @param specifier - a package (`@me/plugin`), a path (`./plugin.ts`) or a `file:` URL
 * @param base - absolute path of the file or folder (ending in a slash) that it is relative to
 * @throws MaskloomError `PLUGIN_INVALID` when it is not found
 */
export function moduleUrl(specifier: string, base: string): string {
  try {
    return resolveSpecifier(specifier, pathToFileURL(base).href);
  } catch (cause) {
    throw new MaskloomError('PLUGIN_INVALID', `There is no module '${specifier}'.`, {
      where: base,
      hint: specifier.startsWith('.')
        ? 'Give a path that is relative to the file that names it.'
        : `Install it: npm i ${specifier}.`,
      cause,
    });
  }
}

/**
 * Imports a module by URL: JavaScript natively, TypeScript (types taken away, nothing checked) and JSON too.
 * @throws MaskloomError `PLUGIN_INVALID` with what the module threw
 */
export async function importModule(url: string): Promise<ModuleExports> {
  try {
    if (url.endsWith('.json'))
      return { default: JSON.parse(await readFile(new URL(url), 'utf8')) as unknown };
    if (!/\.[mc]?ts$/.test(url)) return (await import(url)) as ModuleExports;
    // Loaded when needed: most commands never meet a TypeScript file.
    const { createJiti } = await import('jiti');
    return await createJiti(import.meta.url, { interopDefault: false, fsCache: false }).import(
      fileURLToPath(url),
    );
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new MaskloomError('PLUGIN_INVALID', `The module cannot be loaded: ${said.split('\n')[0] ?? ''}`, {
      where: fileURLToPath(url),
      cause,
    });
  }
}

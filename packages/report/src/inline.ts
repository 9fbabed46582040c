import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Html } from './html.js';

/** The page's style and script as text, with the hashes its security policy names. */
export interface Inlined {
  /** The style sheet. */
  readonly style: Html;
  /** `sha256-...` of the style sheet. */
  readonly styleHash: string;
  /** The script. */
  readonly script: Html;
  /** `sha256-...` of the script. */
  readonly scriptHash: string;
}

/** Sheets in the order they apply. */
const SHEETS = ['theme', 'page', 'table', 'cell', 'semantic', 'palette', 'print'] as const;

/** The module that starts the page. */
const ENTRY = './main.js';

/**
 * Reads the page's parts from this package.
 * @param columns - number of picture columns, which the layout needs to know
 */
export async function inlineAssets(columns: number): Promise<Inlined> {
  const sheets = await Promise.all(SHEETS.map((name) => asset(`../src/styles/${name}.css`)));
  const style = `:root{--columns:${columns}}\n${sheets.join('\n')}`;
  const script = joinModules([...(await modulesFrom(ENTRY)).values()]);
  return {
    style: new Html(style),
    styleHash: hash(style),
    script: new Html(script),
    scriptHash: hash(script),
  };
}

/**
 * Joins modules into one script: they name no export twice, so taking the import and export
 * keywords away is enough.
 * @param modules - each after those it imports
 */
export function joinModules(modules: readonly string[]): string {
  const body = modules
    .map((text) =>
      text
        .replace(/^import\s[\s\S]*?;\s*$/gm, '')
        // Lists of exports, too: compilers and bundlers write them behind the code.
        .replace(/^export \{[^}]*\};\s*$/gm, '')
        .replace(/^export (?=(async )?(function|const|class) )/gm, '')
        .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
        .trim(),
    )
    .join('\n');
  return `'use strict';\n(() => {\n${body}\nstart();\n})();\n`.replaceAll('</script', '<\\/script');
}

/** A module and what it imports, each after its own imports: specifier to text. */
async function modulesFrom(
  specifier: string,
  found: Map<string, string> = new Map(),
  open: ReadonlySet<string> = new Set(),
): Promise<ReadonlyMap<string, string>> {
  const text = specifier.startsWith('./')
    ? await asset(`../dist/client/${specifier}`)
    : // What pages share with the rest of Maskloom.
      await readFile(createRequire(import.meta.url).resolve(specifier), 'utf8');
  const within = new Set(open).add(specifier);
  for (const [, imported] of text.matchAll(/^import\s[^;]*?'([^']+)';\s*$/gm))
    if (imported !== undefined && !found.has(imported) && !within.has(imported))
      await modulesFrom(imported, found, within);
  return found.set(specifier, text);
}

async function asset(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), 'utf8');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}

// Writes into the pages what is generated: the figures of the README from the embedded bundle's manifest, the table of
// parity at real widths, and the code blocks that repeat a file. `--check` writes nothing and fails when a page is behind.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { figures } from './lib/figures.mjs';
import { MEASURED, parityTable } from './lib/parity-table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const FIGURES = /(<!-- figures -->\n)[\s\S]*?(<!-- \/figures -->)/;
const PARITY = /(<!-- parity -->\n)[\s\S]*?(<!-- \/parity -->)/;
const FILE = /(<!-- file: (\S+) -->\s*\n```ts\n)[\s\S]*?(^```$)/gm;

/** A page with its generated parts made anew. */
async function refresh(path, text, manifest, parity) {
  const filled = text
    .replace(FIGURES, (_, open, close) => `${open}\n${figures(manifest)}\n${close}`)
    .replace(PARITY, (_, open, close) => `${open}\n${parityTable(parity)}\n${close}`)
    .replace(FILE, (_, open, file, close) => `${open}${readFileSync(join(root, file), 'utf8')}${close}`);
  return format(filled, { ...(await resolveConfig(join(root, path))), filepath: path });
}

/** Pages whose generated parts are behind, as [path, text]. */
export async function stalePages() {
  const manifest = JSON.parse(readFileSync(join(root, 'packages/bundle-tiny/bundle/bundle.json'), 'utf8'));
  const parity = JSON.parse(readFileSync(join(root, MEASURED), 'utf8'));
  const guides = readdirSync(join(root, 'docs/guides')).map((name) => join('docs/guides', name));
  const stale = [];
  for (const path of ['README.md', ...guides]) {
    const text = readFileSync(join(root, path), 'utf8');
    const fresh = await refresh(path, text, manifest, parity);
    if (fresh !== text) stale.push([path, fresh]);
  }
  return stale;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const stale = await stalePages();
  if (process.argv.includes('--check')) {
    for (const [path] of stale) console.error(`${path} is behind: run node scripts/docs-figures.mjs`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const [path, text] of stale) writeFileSync(join(root, path), text);
    console.log(
      stale.length === 0 ? 'all pages are up to date' : stale.map(([path]) => `wrote ${path}`).join('\n'),
    );
  }
}

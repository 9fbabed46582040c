// Puts the tables of ablation runs into the pages docs/tables/<paper>.md, with a summary of what their rows are:
//
//     maskloom ablate rose --out RUN && node scripts/docs-ablations.mjs RUN [RUN ...]
//
// Tables of the runs given take the place of those on the page; the others stay. Without a run only the summaries are
// made again. A table that is in two of the runs is refused.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { shippedAblations } from '@maskloom/eval';
import { KINDS, rowKinds } from './lib/row-kinds.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const TITLES = { rose: 'ROSE', read: 'READ', lmseg: 'LMSeg' };
const HEADING = /^## .*\((\w+\/[\w-]+)\)$/;
// `maskloom ablate` asks the ablation rows' bundle first.
const manifests = ['bundle-ablations', 'bundle-tiny'].map((name) =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'bundle/bundle.json'), 'utf8')),
);

const runs = process.argv.slice(2);
if (!runs.every((run) => existsSync(join(run, 'tables')))) {
  console.error('Usage: node scripts/docs-ablations.mjs [RUN ...]   (folders that `maskloom ablate` wrote)');
  process.exit(2);
}
const fresh = new Map();
for (const run of runs) {
  for (const name of readdirSync(join(run, 'tables')).filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join(run, 'tables', name), 'utf8').replace(/^###/, '##');
    const id = HEADING.exec(text.split('\n')[0])?.[1] ?? name;
    if (fresh.has(id)) throw new Error(`${id} is in two of the runs.`);
    fresh.set(id, text);
  }
}
for (const [paper, title] of Object.entries(TITLES)) {
  const path = join(root, 'docs/tables', `${paper}.md`);
  const tables = new Map([...(existsSync(path) ? sections(readFileSync(path, 'utf8')) : [])]);
  for (const [id, text] of fresh) if (id.startsWith(`${paper}/`)) tables.set(id, text);
  const ablations = shippedAblations().filter(({ id }) => id.startsWith(`${paper}/`));
  const text = [
    `# ${title}: tables on the synthetic world`,
    'Written by `maskloom ablate` and `scripts/docs-ablations.mjs`; [how to read them](../guides/ablations.md).',
    '## What the rows are',
    `Every row is one of four things, here with the bundles of this repository: ${Object.values(KINDS).join('; ')}. A row that stands for a published system is a toy in its place: the printed figure beside it is the published system's, the measured one is not.`,
    rowKinds(ablations, manifests),
    ...[...tables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, table]) => table.trim()),
    '',
  ].join('\n\n');
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  console.log(`docs/tables/${paper}.md: ${tables.size} tables`);
}

/** The tables of a page, as [id, text]. */
function sections(page) {
  return page.split(/^(?=## )/m).flatMap((text) => {
    const id = HEADING.exec(text.split('\n')[0])?.[1];
    return id === undefined ? [] : [[id, text]];
  });
}

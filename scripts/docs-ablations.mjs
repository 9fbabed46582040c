// Puts the tables of ablation runs into the pages docs/tables/<paper>.md, whole:
//
//     maskloom ablate rose --out RUN && node scripts/docs-ablations.mjs RUN [RUN ...]
//
// A page is made of all runs given; a table that is in two of them is refused.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));
const TITLES = { rose: 'ROSE', read: 'READ', lmseg: 'LMSeg' };

const runs = process.argv.slice(2);
if (runs.length === 0 || !runs.every((run) => existsSync(join(run, 'tables')))) {
  console.error(
    'Usage: node scripts/docs-ablations.mjs RUN [RUN ...]   (folders that `maskloom ablate` wrote)',
  );
  process.exit(2);
}
const tables = new Map();
for (const run of runs) {
  for (const name of readdirSync(join(run, 'tables')).filter((name) => name.endsWith('.md'))) {
    if (tables.has(name)) throw new Error(`${name} is in two of the runs.`);
    tables.set(name, readFileSync(join(run, 'tables', name), 'utf8'));
  }
}
for (const [paper, title] of Object.entries(TITLES)) {
  const names = [...tables.keys()].filter((name) => name.startsWith(`${paper}-`)).sort();
  if (names.length === 0) continue;
  const path = join(root, 'docs/tables', `${paper}.md`);
  const text = [
    `# ${title}: tables on the synthetic world`,
    'Written by `maskloom ablate` and `scripts/docs-ablations.mjs`; [how to read them](../guides/ablations.md).',
    ...names.map((name) => tables.get(name).replace(/^###/, '##')),
  ].join('\n\n');
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  console.log(`docs/tables/${paper}.md: ${names.length} tables`);
}

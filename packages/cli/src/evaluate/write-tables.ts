import { join } from 'node:path';
import {
  fillTable,
  openRunResults,
  runPaths,
  tableCsv,
  tableHtml,
  tableLatex,
  tableMarkdown,
  tableText,
  writeWhole,
  type Table,
} from '@maskloom/eval';

/** Forms that tables are written in. */
const FORMS: readonly (readonly [string, (table: Table) => string])[] = [
  ['txt', tableText],
  ['md', tableMarkdown],
  ['csv', tableCsv],
  ['tex', tableLatex],
  ['html', tableHtml],
  ['json', (table) => `${JSON.stringify(table, undefined, 1)}\n`],
];

/**
 * Fills the tables of a run from its ledger and writes them into its folder in every form.
 * @throws MaskloomError `RUN_INVALID`, `OUTPUT_UNWRITABLE`
 */
export async function writeRunTables(
  folder: string,
): Promise<{ readonly tables: readonly Table[]; readonly files: readonly string[] }> {
  await using run = await openRunResults(folder);
  const files: string[] = [];
  const tables = run.plan.tables.map((ablation) => {
    const table = fillTable(ablation, run);
    for (const [ending, write] of FORMS) {
      const file = join(runPaths(folder).tables, `${ablation.id.replace('/', '-')}.${ending}`);
      writeWhole(file, write(table));
      files.push(file);
    }
    return table;
  });
  return { tables, files };
}

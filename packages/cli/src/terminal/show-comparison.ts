import type { CompareResult, RecipeTotals } from '../compare/options.js';
import { describeFailure } from './failure.js';
import { formatTable } from './table.js';
import type { Terminal } from './terminal.js';

/** Says what a comparison found: failures as notes, totals as a table. */
export function showComparison(terminal: Terminal, result: CompareResult): void {
  showFailures(terminal, result);
  terminal.out(totalsTable(result.totals, result.truth));
  for (const line of weightsLines(result)) terminal.out(`${line}\n`);
  terminal.out(`device: ${result.devices.join(', ') || 'none'}\n`);
  if (result.report !== undefined) terminal.out(`report: ${result.report}\n`);
}

/** Files that are named one by one; the rest is counted. */
const NAMED = 10;

/** Lists what was passed over and what did not work, one line each. */
export function showFailures(terminal: Terminal, result: CompareResult): void {
  const { skipped } = result.predictions;
  for (const { path, reason } of skipped.slice(0, NAMED)) terminal.note(`skipped: ${path}: ${reason}`);
  if (skipped.length > NAMED) terminal.note(`skipped: ${skipped.length - NAMED} more, see predictions.json`);
  for (const { path, recipe, error } of result.failures) {
    terminal.note(`failed: ${path}${recipe === undefined ? '' : ` (${recipe})`}: ${describeFailure(error)}`);
  }
}

/** Recipe, images, mean time, refusals, empty masks, and agreement with the ground truth where there is one. */
export function totalsTable(totals: readonly RecipeTotals[], truth?: CompareResult['truth']): string {
  const scored = totals.some((total) => total.cumulativeIou !== undefined);
  const head = [
    'recipe',
    'images',
    'mean ms',
    'refused',
    'empty',
    ...(scored ? [truth === 'data set' ? 'cIoU' : 'cIoU (synthetic)'] : []),
  ];
  const rows = totals.map((total) => [
    total.recipe,
    String(total.images),
    total.meanMs.toFixed(total.meanMs < 10 ? 1 : 0),
    String(total.refusals),
    String(total.empties),
    ...(scored ? [total.cumulativeIou?.toFixed(3) ?? '-'] : []),
  ]);
  return formatTable([head, ...rows], [1, 2, 3, 4, 5]);
}

/** Which weights each recipe ran on, one line for each bundle. */
function weightsLines({ predictions }: CompareResult): readonly string[] {
  const bundles = new Map<string, Set<string>>();
  for (const { system, recipe, bundle, bundleVersion = '', weights = '' } of predictions.runs) {
    const name = `${bundle} ${bundleVersion}`;
    bundles.set(name, (bundles.get(name) ?? new Set()).add(`${system}/${recipe} ${weights}`));
  }
  return [...bundles].map(([name, recipes]) => `weights: ${name}: ${[...recipes].join(', ')}`);
}

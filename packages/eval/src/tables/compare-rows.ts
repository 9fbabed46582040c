import type { AblationColumn, AblationRow } from '../ablation/ablation.js';
import type { RunPlan } from '../runner/run-plan.js';
import { scaled, subjectOf } from './look-up.js';
import type { MeasuredFigures } from './measured-figures.js';
import type { TableComparison, TableRow } from './table.js';

/**
 * Every measured row against the last one, which papers keep for the whole system: paired by image. A second seed is
 * compared, but compared with only where nothing else is. Rows that see the truth, that are untrained, or that are gains
 * themselves are not compared.
 */
export function compareRows(
  rows: readonly AblationRow[],
  columns: readonly AblationColumn[],
  filled: readonly TableRow[],
  { plan, figures }: { readonly plan: RunPlan; readonly figures: MeasuredFigures },
): readonly TableComparison[] {
  const comparable = rows.filter(
    (row, i) =>
      row.gain !== true &&
      filled[i]?.oracle === false &&
      filled[i]?.untrained === false &&
      filled[i]?.cells.some(({ measured }) => measured !== null) === true,
  );
  const shown = new Map(rows.map((row, i) => [row, filled[i]?.label ?? row.label]));
  const reference = comparable.findLast(({ optional }) => optional !== true) ?? comparable.at(-1);
  if (reference === undefined) return [];
  return comparable
    .filter((row) => row !== reference)
    .flatMap((row) =>
      columns.flatMap((column): TableComparison[] => {
        const source = column[plan.world];
        const [a, b] = [subjectOf(plan, row, column), subjectOf(plan, reference, column)];
        if (source === undefined || a < 0 || b < 0 || a === b) return [];
        const found = figures.compare(a, b, source);
        if (found === undefined) return [];
        const alone = found.images < 2;
        const { difference } = found;
        const [interval, p] = alone ? [null, null] : [found.interval, found.pPermutation];
        return [
          {
            row: shown.get(row) ?? row.label,
            reference: shown.get(reference) ?? reference.label,
            column: column.label,
            difference: difference === null ? null : scaled(difference, source.figure),
            interval: interval && [scaled(interval[0], source.figure), scaled(interval[1], source.figure)],
            p,
          },
        ];
      }),
    );
}

import type { Ablation, AblationColumn, AblationRow } from '../ablation/ablation.js';
import { paperRow } from '../ablation/define-ablation.js';
import { mergeOverrides, withoutRefinement } from '../ablation/merge-overrides.js';
import { canonicalJson } from '@maskloom/metrics';
import type { RunPlan, Subject } from '../runner/run-plan.js';

/** The plan's subject for a cell; -1 when the plan has none. */
export function subjectOf(plan: RunPlan, row: AblationRow, column: AblationColumn): number {
  return find(plan, row.recipe, mergeOverrides(row, column));
}

/** The subject that a gain is over. */
export function baseOf(plan: RunPlan, row: AblationRow, column: AblationColumn): number {
  return find(plan, row.recipe, withoutRefinement(mergeOverrides(row, column)));
}

function find(plan: RunPlan, recipe: string | undefined, overrides: Subject['overrides']): number {
  const wanted = canonicalJson({ recipe, overrides });
  return plan.subjects.findIndex(
    (one) => canonicalJson({ recipe: one.recipe, overrides: one.overrides }) === wanted,
  );
}

/** The subjects of a row, each once. */
export function subjectsOf(
  plan: RunPlan,
  row: AblationRow,
  columns: readonly AblationColumn[],
): readonly Subject[] {
  const found = new Set(columns.map((column) => plan.subjects[subjectOf(plan, row, column)]));
  return [...found].filter((subject) => subject !== undefined);
}

/** A row's label with the published system in whose place it stands: "stacked <SEG>, toy, stands for LISA-7B". */
export function shownLabel({ label, standsFor }: AblationRow, subjects: readonly Subject[]): string {
  if (standsFor === undefined) return label;
  const toy = subjects.some(({ weights }) => weights?.toy === true);
  return `${label}${toy ? ', toy' : ''}, stands for ${standsFor}`;
}

/** The paper's figure for a cell. */
export function printed({ paper }: Ablation, row: AblationRow, column: AblationColumn): number | null {
  const [rowName, columnName] = [paperRow(row), column.paper === undefined ? column.label : column.paper];
  if (paper === undefined || rowName === null || columnName === null) return null;
  return paper.rows[rowName]?.[paper.columns.indexOf(columnName)] ?? null;
}

/** Columns that have neither data in this world nor a printed figure say nothing. */
export function isShown(ablation: Ablation, column: AblationColumn, { world }: RunPlan): boolean {
  return column[world] !== undefined || ablation.rows.some((row) => printed(ablation, row, column) !== null);
}

/** Rows that no paper has are left out where they have no weights. */
export function isLeftOut(row: AblationRow, columns: readonly AblationColumn[], plan: RunPlan): boolean {
  return (
    row.optional === true && subjectsOf(plan, row, columns).every(({ missing }) => missing !== undefined)
  );
}

/** `px` for pixel counts, else shares. */
export function unitOf(figure: string): '%' | 'px' {
  return figure.startsWith('UmI') ? 'px' : '%';
}

/** A figure in its column's unit, with more digits than are shown but not the last bits of a sum. */
export function scaled(value: number, figure: string): number {
  return Math.round(value * (unitOf(figure) === '%' ? 100 : 1) * 1e4) / 1e4;
}

import type { AnyRecipe, Signal, Task } from '@maskloom/core';
import { capabilitiesPrinted } from './paper/rose-capabilities.js';

/** What a system can take and do, column by column of ROSE's table 1. */
export interface CapabilityRow {
  /** The system's name, as the paper prints it or as it is registered. */
  readonly label: string;
  /** In the order of the columns. */
  readonly has: readonly boolean[];
  /** Printed in the paper, or read off the system's recipes. */
  readonly from: 'paper' | 'recipes';
}

/** ROSE's table 1 with the systems of a registry below the printed rows. */
export interface CapabilityTable {
  /** `paper/table`, as ablations have it. */
  readonly id: 'rose/table-1';
  /** One line. */
  readonly title: string;
  /** The paper, and where in it. */
  readonly source: string;
  /** Capabilities as the paper heads them. */
  readonly columns: readonly string[];
  /** Printed rows first, then those of the registry. */
  readonly rows: readonly CapabilityRow[];
}

/**
 * Qualitative: nothing is measured. What the registered systems have is read off their recipes' tasks and wiring, so it says
 * what is there, not what is planned.
 * @param systems - recipes by system
 */
export function capabilityTable(systems: Readonly<Record<string, readonly AnyRecipe[]>>): CapabilityTable {
  const printed = Object.entries(capabilitiesPrinted.rows).map(([label, has]): CapabilityRow => ({
    label,
    has: has.map((one) => one === 1),
    from: 'paper',
  }));
  const ours = Object.entries(systems)
    .filter(([, recipes]) => recipes.length > 0)
    .map(([label, recipes]): CapabilityRow => ({ label, has: capabilitiesOf(recipes), from: 'recipes' }));
  return {
    id: 'rose/table-1',
    title: 'Capabilities',
    source: capabilitiesPrinted.source,
    columns: capabilitiesPrinted.columns,
    rows: [...printed, ...ours],
  };
}

/** In the order of the printed columns. */
function capabilitiesOf(recipes: readonly AnyRecipe[]): readonly boolean[] {
  const task = (...wanted: readonly Task[]): boolean =>
    recipes.some(({ tasks }) => wanted.some((one) => tasks.includes(one)));
  const signal = (...wanted: readonly Signal[]): boolean =>
    recipes.some(({ wiring }) =>
      Object.values(wiring).some(
        (lists) => lists !== undefined && wanted.some((one) => lists.supplies.includes(one)),
      ),
    );
  const slot = (name: keyof AnyRecipe['wiring']): boolean =>
    recipes.some(({ wiring }) => wiring[name] !== undefined);
  const language = slot('LanguageModel') || slot('PromptWriter') || slot('Refiner');
  const dense = task('free', 'semantic', 'instance');
  return [
    true,
    language,
    // Systems whose patches propose let only those in the regions pointed at propose.
    task('prompted') || signal('box-prompt', 'mask-prompt') || slot('PatchAnalyzer'),
    signal('candidates') || slot('PromptWriter'),
    task('referring', 'reasoning'),
    slot('LanguageModel') && dense,
    dense,
    slot('Refiner'),
  ];
}

/** The table as text, CSV or Markdown. */
export function capabilityText(table: CapabilityTable, form: 'text' | 'csv' | 'md'): string {
  const { columns, rows, id, title, source } = table;
  if (form === 'csv')
    return [
      ['row', 'from', ...columns],
      ...rows.map(({ label, from, has }) => [label, from, ...has.map(Number)]),
    ]
      .map((line) => `${line.join(',')}\r\n`)
      .join('');
  const head = ['', ...columns];
  const lines = rows.map(({ label, from, has }) => [
    from === 'paper' ? label : `${label} (here)`,
    ...has.map((one) => (one ? 'yes' : '')),
  ]);
  const note = `Rows marked (here) are read off the recipes of this installation; the others are as printed in ${source}.`;
  if (form === 'md') {
    const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    return [
      `### ${title} (${id})`,
      '',
      row(head),
      row(head.map(() => '---')),
      ...lines.map(row),
      '',
      note,
      '',
    ].join('\n');
  }
  const widths = head.map((_, c) => Math.max(...[head, ...lines].map((line) => line[c]?.length ?? 0)));
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => cell.padEnd(widths[c] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[`${id}: ${title}`, '', row(head), ...lines.map(row), '', note].join('\n')}\n`;
}

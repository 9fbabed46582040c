import { MaskloomError, suggest } from '@maskloom/core';
import { protocolNamed } from '../protocols/protocols.js';
import type { Ablation, AblationRow, FigureSource } from './ablation.js';

/**
 * Defines an ablation: an immutable value, checked where mistakes are easy.
 *
 * @example
 * const points = defineAblation({
 *   id: 'mine/point-count', title: 'How many points',
 *   data: { synthetic: { val: { seed: 8_000_000, count: 100 } }, real: {} },
 *   rows: [8, 30].map((count) => ({
 *     label: `${count} points`, recipe: 'read/full',
 *     overrides: { stages: { PointPrompter: { options: { count } } } },
 *   })),
 *   columns: [{ label: 'gIoU', synthetic: { part: 'val', protocol: 'reasoning', figure: 'gIoU all' } }],
 * });
 * @throws MaskloomError `VALUE_INVALID` when the id is not `paper/table`, a label occurs twice, a column names a part, a
 * protocol, or a row or column of the paper that does not exist, or the paper's rows have other lengths than its columns
 */
export function defineAblation(ablation: Ablation): Ablation {
  const { id, rows, columns, paper, data } = ablation;
  const fail = (what: string, hint?: string): never => {
    throw new MaskloomError('VALUE_INVALID', `The ablation ${id} ${what}.`, {
      where: id,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(id)) fail("needs an id like 'paper/table' in kebab-case");
  for (const [kind, list] of [
    ['row', rows],
    ['column', columns],
  ] as const) {
    const labels = list.map(({ label }) => label);
    const twice = labels.find((label, i) => labels.indexOf(label) !== i);
    if (twice !== undefined) fail(`has two ${kind}s '${twice}'`);
  }
  const check = (column: string, source: FigureSource | undefined, parts: object): void => {
    if (source === undefined) return;
    if (!Object.hasOwn(parts, source.part))
      fail(`column '${column}' names a part '${source.part}'`, suggest(source.part, Object.keys(parts)));
    protocolNamed(source.protocol);
  };
  for (const { label, synthetic, real } of columns) {
    check(label, synthetic, data.synthetic);
    check(label, real, data.real);
  }
  if (paper !== undefined) {
    for (const [row, figures] of Object.entries(paper.rows))
      if (figures.length !== paper.columns.length)
        fail(`has ${figures.length} printed figures in row '${row}' for ${paper.columns.length} columns`);
    for (const row of rows) {
      const name = paperRow(row);
      if (name !== null && !Object.hasOwn(paper.rows, name))
        fail(`row '${row.label}' has no printed figures`, suggest(name, Object.keys(paper.rows)));
    }
    for (const column of columns) {
      const name = column.paper === undefined ? column.label : column.paper;
      if (name !== null && !paper.columns.includes(name))
        fail(`column '${column.label}' is not in the paper`, suggest(name, paper.columns));
    }
  }
  return Object.freeze(ablation);
}

/** The paper's row beside which a row stands; `null` when the paper has none. */
export function paperRow({ label, standsFor, paper }: AblationRow): string | null {
  return paper === undefined ? (standsFor ?? label) : paper;
}

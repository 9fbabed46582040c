import type { Ablation, AblationColumn, AblationRow, FigureSource } from '../ablation/ablation.js';
import { mergeOverrides } from '../ablation/merge-overrides.js';
import { canonicalJson } from '../metrics/measure/canonical-json.js';
import type { MeasuredFigure } from '../metrics/measure/measure.js';
import { protocolNamed } from '../protocols/protocols.js';
import type { RunPlan, Subject } from '../runner/run-plan.js';
import type { Counted, RunResults } from '../runner/run-results.js';
import { TABLE_SCHEMA, type CellState, type Table, type TableCell, type TableRow } from './table.js';

const BOOTSTRAP = { draws: 1000, seed: 20, level: 0.95 } as const;

/** What a table is filled from. */
export interface FillOptions {
  readonly plan: RunPlan;
  readonly results: RunResults;
  /** Scenes by part. */
  readonly images: Readonly<Record<string, number>>;
}

/** Fills an ablation's table with what a run has measured so far. */
export function fillTable(ablation: Ablation, { plan, results, images }: FillOptions): Table {
  const counts = new Map<string, Counted>();
  const counted = (subject: number, { part, protocol }: FigureSource): Counted => {
    const key = `${subject}\n${part}\n${protocol}`;
    const found = counts.get(key) ?? results.count(subject, part, protocol);
    counts.set(key, found);
    return found;
  };
  const columns = ablation.columns.filter((column) => isShown(ablation, column, plan));
  const known: KnownFigures = new Map();
  const devices = new Set<string>();
  const rows = ablation.rows
    .filter((row) => !isLeftOut(row, columns, plan))
    .map((row): TableRow => {
      const cells = columns.map((column): TableCell => {
        const source = column[plan.world];
        const paper = printed(ablation, row, column);
        const nothing = (state: CellState, found = 0): TableCell => ({
          state,
          paper,
          measured: null,
          interval: null,
          images: found,
          n: 0,
        });
        if (row.recipe === undefined) return nothing('paper only');
        if (
          source === undefined ||
          plan.parts.find(({ name }) => name === source.part)?.missing !== undefined
        )
          return nothing('no data');
        const index = subjectOf(plan, row, column);
        const subject = plan.subjects[index];
        if (subject === undefined) return nothing('cannot');
        if (subject.missing !== undefined) return nothing('no weights');
        if (subject.cannot?.includes(source.protocol) === true) return nothing('cannot');
        const found = counted(index, source);
        for (const device of found.devices) devices.add(device);
        const figure = figureOf(found, source, columns, plan, known);
        if (found.images + found.lacking === 0) return nothing('no data');
        if (figure?.value == null) return nothing('undefined', found.images);
        const scale = unitOf(source.figure) === '%' ? 100 : 1;
        return {
          state: found.lacking > 0 ? 'partial' : 'measured',
          paper,
          measured: round(figure.value * scale),
          interval: figure.interval && [round(figure.interval[0] * scale), round(figure.interval[1] * scale)],
          images: found.images,
          n: figure.n,
        };
      });
      return describeRow(row, subjectsOf(plan, row, columns), cells);
    });
  return {
    schema: TABLE_SCHEMA,
    id: ablation.id,
    title: ablation.title,
    ...(ablation.paper === undefined ? {} : { paper: ablation.paper.source }),
    columns: columns.map((column) => ({
      label: column.label,
      ...(plan.world === 'synthetic' && column.standsFor !== undefined
        ? { standsFor: column.standsFor }
        : {}),
      ...(column.plot === undefined ? {} : { plot: column.plot }),
      oracle: column.oracle === true,
      unit: unitOf(column[plan.world]?.figure ?? ''),
    })),
    rows,
    comparisons: [],
    notes: [
      ...(ablation.notes ?? []),
      ...(ablation.paper?.note === undefined ? [] : [`Paper: ${ablation.paper.note}`]),
    ],
    command: plan.command,
    data: plan.parts
      .filter(({ name }) => columns.some((column) => column[plan.world]?.part === name))
      .map(({ name, source }) => ({ part: name, source, images: images[name] ?? 0 })),
    switches: plan.switches,
    devices: [...devices].sort(),
    bootstrap: BOOTSTRAP,
  };
}

/** Columns that have neither data in this world nor a printed figure say nothing. */
function isShown(ablation: Ablation, column: AblationColumn, { world }: RunPlan): boolean {
  return column[world] !== undefined || ablation.rows.some((row) => printed(ablation, row, column) !== null);
}

function isLeftOut(row: AblationRow, columns: readonly AblationColumn[], plan: RunPlan): boolean {
  return (
    row.optional === true && subjectsOf(plan, row, columns).every(({ missing }) => missing !== undefined)
  );
}

type Figures = Readonly<Record<string, MeasuredFigure>>;
/** Figures that were evaluated already, by their sums. */
type KnownFigures = Map<Counted['sums'][number], Figures>;

/** A figure of whichever of a protocol's measures has it. */
function figureOf(
  { sums }: Counted,
  { part, protocol, figure }: FigureSource,
  columns: readonly AblationColumn[],
  { world }: RunPlan,
  known: KnownFigures,
): MeasuredFigure | undefined {
  const shown = columns.flatMap((column) => {
    const source = column[world];
    return source?.part === part && source.protocol === protocol ? [source.figure] : [];
  });
  for (const sum of sums) {
    const figures = known.get(sum) ?? evaluated(sum, shown);
    known.set(sum, figures);
    if (figures[figure] !== undefined) return figures[figure];
  }
  return undefined;
}

/** Every figure; intervals are drawn only for those that the table shows. */
function evaluated(sum: Counted['sums'][number], shown: readonly string[]): Figures {
  if (sum.images === 0) return {};
  const plain = sum.result({ intervals: false }).figures;
  const only = [...new Set(shown)].filter((name) => Object.hasOwn(plain, name));
  return only.length === 0 ? plain : { ...plain, ...sum.result({ ...BOOTSTRAP, only }).figures };
}

/** The plan's subject for a cell; -1 when the plan has none. */
export function subjectOf(plan: RunPlan, row: AblationRow, column: AblationColumn): number {
  const wanted = canonicalJson({ recipe: row.recipe, overrides: mergeOverrides(row, column) });
  return plan.subjects.findIndex(({ recipe, overrides }) => canonicalJson({ recipe, overrides }) === wanted);
}

function subjectsOf(plan: RunPlan, row: AblationRow, columns: readonly AblationColumn[]): readonly Subject[] {
  const found = new Set(columns.map((column) => plan.subjects[subjectOf(plan, row, column)]));
  return [...found].filter((subject) => subject !== undefined);
}

function describeRow(row: AblationRow, subjects: readonly Subject[], cells: readonly TableCell[]): TableRow {
  const weights = subjects.find((subject) => subject.weights !== undefined)?.weights;
  const missing = subjects.flatMap((subject) => (subject.missing === undefined ? [] : [subject.missing]));
  const untrained = subjects.flatMap((subject) =>
    subject.untrained === undefined ? [] : [subject.untrained],
  );
  return {
    label: row.label,
    ...(row.recipe === undefined ? {} : { recipe: row.recipe }),
    ...(row.overrides === undefined ? {} : { overrides: row.overrides }),
    oracle: row.oracle === true,
    untrained: untrained.length > 0,
    remarks: [...new Set([...missing, ...untrained, ...(row.note === undefined ? [] : [row.note])])],
    ...(weights === undefined ? {} : { weights: { bundle: weights.bundle, models: weights.models } }),
    cells,
  };
}

function printed({ paper }: Ablation, row: AblationRow, column: AblationColumn): number | null {
  const [rowName, columnName] = [
    row.paper === undefined ? row.label : row.paper,
    column.paper === undefined ? column.label : column.paper,
  ];
  if (paper === undefined || rowName === null || columnName === null) return null;
  return paper.rows[rowName]?.[paper.columns.indexOf(columnName)] ?? null;
}

function unitOf(figure: string): '%' | 'px' {
  return figure.startsWith('UmI') ? 'px' : '%';
}

/** Two digits more than shown, so that files do not differ by the last bit of a sum. */
function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Whether a protocol's task is among those that a recipe can do. */
export function canDo(tasks: readonly string[], protocol: string): boolean {
  return tasks.includes(protocolNamed(protocol).task);
}

import type { Ablation, AblationColumn, AblationRow } from '../ablation/ablation.js';
import type { RunPlan, Subject, SubjectWeights } from '../runner/run-plan.js';
import { weightsHash } from '../runner/weights-hash.js';
import type { RunResults } from '../runner/run-results.js';
import type { SceneRemarks } from '../runner/scenes/scene.js';
import { compareRows } from './compare-rows.js';
import {
  baseOf,
  isLeftOut,
  isShown,
  printed,
  scaled,
  shownLabel,
  subjectOf,
  subjectsOf,
  unitOf,
} from './look-up.js';
import { BOOTSTRAP, MeasuredFigures } from './measured-figures.js';
import {
  TABLE_SCHEMA,
  type CellState,
  type Table,
  type TableCell,
  type TableRow,
  type TableWeights,
} from './table.js';

/** What a table is filled from. */
export interface FillOptions {
  /** What the run was asked to compute. */
  readonly plan: RunPlan;
  /** What it has computed so far. */
  readonly results: RunResults;
  /** Scenes by part. */
  readonly images: Readonly<Record<string, number>>;
  /** What was noticed while the data were read, by part. */
  readonly remarks?: Readonly<Record<string, SceneRemarks>>;
}

/** Fills an ablation's table with what a run has measured so far. */
export function fillTable(ablation: Ablation, { plan, results, images, remarks = {} }: FillOptions): Table {
  const columns = ablation.columns.filter((column) => isShown(ablation, column, plan));
  const rows = ablation.rows.filter((row) => !isLeftOut(row, columns, plan));
  const sources = columns.flatMap((column) => column[plan.world] ?? []);
  const figures = new MeasuredFigures(results, sources);
  const devices = new Set<string>();
  const filled = rows.map((row): TableRow => {
    const cells = columns.map((column) => fillCell(row, column, { ablation, plan, figures, devices }));
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
    rows: filled,
    comparisons: compareRows(rows, columns, filled, { plan, figures }),
    notes: [
      ...(ablation.notes ?? []),
      ...(ablation.paper?.note === undefined ? [] : [`Paper: ${ablation.paper.note}`]),
    ],
    command: plan.command,
    data: plan.parts
      .filter(({ name }) => sources.some(({ part }) => part === name))
      .map(({ name, source }) => ({
        part: name,
        source,
        images: images[name] ?? 0,
        ...(remarks[name] === undefined || remarks[name].skipped === 0
          ? {}
          : { skipped: remarks[name].skipped }),
      })),
    switches: plan.switches,
    devices: [...devices].sort(),
    bootstrap: BOOTSTRAP,
  };
}

interface CellContext {
  readonly ablation: Ablation;
  readonly plan: RunPlan;
  readonly figures: MeasuredFigures;
  /** Collects the devices that ran. */
  readonly devices: Set<string>;
}

function fillCell(row: AblationRow, column: AblationColumn, context: CellContext): TableCell {
  const { ablation, plan, figures, devices } = context;
  const source = column[plan.world];
  const paper = printed(ablation, row, column);
  const nothing = (state: CellState, images = 0, reason?: string): TableCell => ({
    state,
    ...(reason === undefined ? {} : { reason }),
    paper,
    measured: null,
    interval: null,
    images,
    n: 0,
  });
  if (row.recipe === undefined) return nothing('paper only');
  const part = plan.parts.find(({ name }) => name === source?.part);
  if (source === undefined || part === undefined || part.missing !== undefined) return nothing('no data');
  const index = subjectOf(plan, row, column);
  const subject = plan.subjects[index];
  if (subject === undefined) return nothing('cannot');
  if (subject.missing !== undefined) return nothing('no weights');
  if (subject.cannot?.includes(source.protocol) === true) return nothing('cannot');
  const { images, lacking, failure, devices: ran } = figures.counted(index, source);
  const reason = failure && `${failure.code}: ${failure.message}`;
  for (const device of ran) devices.add(device);
  if (images + lacking === 0) return nothing('no data');
  if (images === 0) return nothing(reason === undefined ? 'not computed' : 'failed', 0, reason);
  const figure =
    row.gain === true
      ? figures.gain(index, baseOf(plan, row, column), source)
      : figures.figure(index, source);
  if (figure === undefined || figure.value === null) return nothing('nothing counted', images, reason);
  // Draws of one image are all alike: no interval.
  const interval = images < 2 ? null : figure.interval;
  return {
    state: lacking > 0 ? 'partial' : 'measured',
    ...(reason === undefined ? {} : { reason }),
    paper,
    measured: scaled(figure.value, source.figure),
    interval: interval && [scaled(interval[0], source.figure), scaled(interval[1], source.figure)],
    images,
    n: figure.n,
  };
}

function describeWeights({ bundle, entry, models }: SubjectWeights): TableWeights {
  return { bundle, entry, hash: weightsHash(models), models };
}

function describeRow(row: AblationRow, subjects: readonly Subject[], cells: readonly TableCell[]): TableRow {
  const weights = subjects.find((subject) => subject.weights !== undefined)?.weights;
  const missing = subjects.flatMap((subject) => (subject.missing === undefined ? [] : [subject.missing]));
  const failures = cells.flatMap(({ reason, state }) =>
    reason === undefined ? [] : [`${state === 'failed' ? 'failed' : 'some images failed'}: ${reason}`],
  );
  const untrained = subjects.flatMap((subject) =>
    subject.untrained === undefined ? [] : [subject.untrained],
  );
  return {
    label: shownLabel(row, subjects),
    ...(row.recipe === undefined ? {} : { recipe: row.recipe }),
    ...(row.overrides === undefined ? {} : { overrides: row.overrides }),
    oracle: row.oracle === true,
    untrained: untrained.length > 0,
    remarks: [
      ...new Set([
        ...subjects.flatMap(({ overrides: { mapper } }) =>
          mapper === undefined ? [] : [`names are mapped to classes by ${mapper.stage}`],
        ),
        ...missing,
        ...untrained,
        ...failures,
        ...(row.note === undefined ? [] : [row.note]),
      ]),
    ],
    ...(weights === undefined ? {} : { weights: describeWeights(weights) }),
    cells,
  };
}

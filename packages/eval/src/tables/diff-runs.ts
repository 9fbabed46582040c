import { MaskloomError } from '@maskloom/core';
import type { Ablation, AblationColumn, AblationRow } from '../ablation/ablation.js';
import { canonicalJson } from '@maskloom/metrics';
import { compareAccumulators } from '@maskloom/metrics';
import { openRunResults, type OpenRun } from '../runner/open-run.js';
import { baseOf, scaled, subjectOf, unitOf } from './look-up.js';
import { BOOTSTRAP, MeasuredFigures } from './measured-figures.js';

/** One figure in two runs. */
export interface FigureDifference {
  /** Id of the table. */
  readonly table: string;
  /** Label of its row. */
  readonly row: string;
  /** Label of its column. */
  readonly column: string;
  /** Of `before`, `after`, `difference` and `interval`. */
  readonly unit: '%' | 'px';
  /** In the first run; `null` where it has none. */
  readonly before: number | null;
  /** In the second run. */
  readonly after: number | null;
  /** Second minus first, on the images that both have; `null` where they cannot be paired. */
  readonly difference: number | null;
  /** 95 % bootstrap interval of the difference; `null` where there is none. */
  readonly interval: readonly [number, number] | null;
  /** Two-sided p-value of the paired permutation test over images. */
  readonly p: number | null;
  /** Images that both runs have. */
  readonly images: number;
}

/** What differs between two runs. */
export interface RunDifference {
  /** Settings that differ: name, first, second. */
  readonly settings: readonly (readonly [string, string, string])[];
  /** Figures that either run has, in the order of the first run's tables. */
  readonly figures: readonly FigureDifference[];
  /** Tables that only one of them has. */
  readonly alone: readonly string[];
}

/**
 * Compares two runs figure by figure, paired by image: another bundle, other switches, another version of the code.
 * @throws MaskloomError `RUN_INVALID`, or when the two have no table in common
 */
export async function diffRuns(first: string, second: string): Promise<RunDifference> {
  await using a = await openRunResults(first);
  await using b = await openRunResults(second);
  const common = a.plan.tables.filter(({ id }) => b.plan.tables.some((other) => other.id === id));
  if (common.length === 0)
    throw new MaskloomError('RUN_INVALID', 'The two runs have no table in common.', {
      where: second,
      hint: `The first has ${a.plan.tables.map(({ id }) => id).join(', ')}, the second ${b.plan.tables.map(({ id }) => id).join(', ')}.`,
    });
  const ids = new Set(common.map(({ id }) => id));
  return {
    settings: settingsThatDiffer(a, b),
    figures: common.flatMap((table) => differences(table, a, b)),
    alone: [...a.plan.tables, ...b.plan.tables].map(({ id }) => id).filter((id) => !ids.has(id)),
  };
}

function settingsThatDiffer(a: OpenRun, b: OpenRun): RunDifference['settings'] {
  const settings = ({ plan, images }: OpenRun): Readonly<Record<string, unknown>> => ({
    command: plan.command,
    device: plan.device,
    ...Object.fromEntries(Object.entries(plan.switches).map(([name, value]) => [`switch ${name}`, value])),
    ...Object.fromEntries(Object.entries(images).map(([part, count]) => [`images of ${part}`, count])),
    ...Object.fromEntries(
      plan.subjects.map(({ recipe, overrides, weights, missing }) => [
        `weights of ${recipe} ${canonicalJson(overrides)}`,
        missing ?? weights?.models,
      ]),
    ),
  });
  const [x, y] = [settings(a), settings(b)];
  const show = (value: unknown): string =>
    typeof value === 'string' ? value : (canonicalJson(value) ?? '-');
  return [...new Set([...Object.keys(x), ...Object.keys(y)])]
    .filter((name) => show(x[name]) !== show(y[name]))
    .map((name) => [name, show(x[name]), show(y[name])]);
}

function differences(table: Ablation, a: OpenRun, b: OpenRun): readonly FigureDifference[] {
  const { world } = a.plan;
  const sources = table.columns.flatMap((column) => column[world] ?? []);
  const figures = [new MeasuredFigures(a.results, sources), new MeasuredFigures(b.results, sources)] as const;
  return table.rows.flatMap((row) =>
    table.columns.flatMap((column): FigureDifference[] => {
      const source = column[world];
      if (row.recipe === undefined || source === undefined) return [];
      const [x, y] = [a, b].map((run, i) => {
        const at = subjectOf(run.plan, row, column);
        const one = figures[i === 0 ? 0 : 1];
        return at < 0 ? undefined : valueOf(run, one, row, column);
      });
      if (x === undefined && y === undefined) return [];
      const paired = row.gain === true ? undefined : pair(a, b, figures, row, column);
      return [
        {
          table: table.id,
          row: row.label,
          column: column.label,
          unit: unitOf(source.figure),
          before: x ?? null,
          after: y ?? null,
          difference: scaledOr(paired?.difference, source.figure),
          interval: paired?.interval
            ? [scaled(paired.interval[0], source.figure), scaled(paired.interval[1], source.figure)]
            : null,
          p: paired?.pPermutation ?? null,
          images: paired?.images ?? 0,
        },
      ];
    }),
  );
}

function valueOf(
  { plan }: OpenRun,
  figures: MeasuredFigures,
  row: AblationRow,
  column: AblationColumn,
): number | undefined {
  const source = column[plan.world];
  if (source === undefined) return undefined;
  const at = subjectOf(plan, row, column);
  const found =
    row.gain === true ? figures.gain(at, baseOf(plan, row, column), source) : figures.figure(at, source);
  return found === undefined || found.value === null ? undefined : scaled(found.value, source.figure);
}

function scaledOr(value: number | null | undefined, figure: string): number | null {
  return value === null || value === undefined ? null : scaled(value, figure);
}

/** Second minus first; nothing when measures or switches differ, or no image is in both. */
function pair(
  a: OpenRun,
  b: OpenRun,
  [first, second]: readonly [MeasuredFigures, MeasuredFigures],
  row: AblationRow,
  column: AblationColumn,
) {
  const source = column[a.plan.world];
  if (source === undefined) return undefined;
  const x = first.sumWith(subjectOf(a.plan, row, column), source);
  const y = second.sumWith(subjectOf(b.plan, row, column), source);
  if (x === undefined || y === undefined) return undefined;
  try {
    return compareAccumulators(y, x, { ...BOOTSTRAP, figures: [source.figure] })[source.figure];
  } catch (error) {
    if (MaskloomError.is(error) && error.code === 'VALUE_INVALID') return undefined;
    throw error;
  }
}

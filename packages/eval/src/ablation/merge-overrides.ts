import type { AblationColumn, AblationRow, Overrides, SlotOverride } from './ablation.js';

/** A row's changes with a column's over them; options are merged one by one. */
export function mergeOverrides(
  { overrides: row = {} }: Pick<AblationRow, 'overrides'>,
  { overrides: column = {}, weightsSuffix }: Pick<AblationColumn, 'overrides' | 'weightsSuffix'>,
): Overrides {
  const slots = [...new Set([...Object.keys(row.stages ?? {}), ...Object.keys(column.stages ?? {})])].sort();
  const stages = Object.fromEntries(
    slots.map((slot): [string, SlotOverride] => {
      const [below, above] = [row.stages?.[slot] ?? {}, column.stages?.[slot] ?? {}];
      const stage = above.stage ?? below.stage;
      const options = { ...below.options, ...above.options };
      return [
        slot,
        {
          ...(stage === undefined ? {} : { stage }),
          ...(Object.keys(options).length === 0 ? {} : { options }),
        },
      ];
    }),
  );
  const named = column.weights ?? row.weights;
  const weights = named === undefined ? undefined : `${named}${weightsSuffix ?? ''}`;
  const refine = column.refine ?? row.refine;
  const mapper = column.mapper ?? row.mapper;
  return {
    ...(mapper === undefined ? {} : { mapper }),
    ...(refine === undefined ? {} : { refine }),
    ...(slots.length === 0 ? {} : { stages }),
    ...(weights === undefined ? {} : { weights }),
  };
}

/** The same without refinement: what gains are over. */
export function withoutRefinement({ refine: _, ...rest }: Overrides): Overrides {
  return rest;
}

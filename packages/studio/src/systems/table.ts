import { z } from 'zod';
import type { SystemChoice } from './choice.js';

/** A column that a table can have. */
export const columnSchema = z.object({
  label: z.string().describe('its head'),
  protocol: z.string().describe('what is asked'),
  figure: z.string().describe('which figure of it is shown'),
  task: z.string().describe('what a system must be able to do'),
});

/** A column that a table can have: a figure of a protocol of evaluation, on generated scenes. */
export interface TableColumn {
  /** Its head. */
  readonly label: string;
  /** What is asked: the name of a protocol. */
  readonly protocol: string;
  /** Which figure of it is shown. */
  readonly figure: string;
  /** What a system must be able to do. */
  readonly task: string;
}

/** What there is to choose from when nothing else is known. */
export const GIOU: TableColumn = {
  label: 'reasoning gIoU',
  protocol: 'reasoning',
  figure: 'gIoU all',
  task: 'reasoning',
};

/** Scenes of a table that comes out of the studio: enough to tell rows apart, few enough to run at once. */
const SCENES = { seed: 8_200_000, count: 50 };

/**
 * The chosen systems as the rows of an ablation table: a configuration that `maskloom ablate studio/question` runs.
 * @param columns - from left to right
 */
export function tableOf(
  systems: readonly SystemChoice[],
  columns: readonly TableColumn[],
  title: string,
): string {
  const rows = systems.map(({ recipe, stages, weights }, i) => ({
    label: `${i + 1} ${[recipe, ...Object.values(stages).map(({ stage }) => stage)].join(', ')}`,
    recipe,
    ...(Object.keys(stages).length === 0 && weights === undefined
      ? {}
      : { overrides: { stages, ...(weights === undefined ? {} : { weights }) } }),
  }));
  const table = {
    id: 'studio/question',
    title,
    data: { synthetic: { val: SCENES }, real: {} },
    rows,
    columns: columns.map(({ label, protocol, figure }) => ({
      label,
      synthetic: { part: 'val', protocol, figure },
    })),
  };
  return `import { defineAblation } from '@maskloom/eval';
import { defineConfig } from 'maskloom';

// Run it: maskloom ablate studio/question --out run
export default defineConfig({
  ablations: [defineAblation(${JSON.stringify(table, undefined, 2).replaceAll('\n', '\n  ')})],
});
`;
}

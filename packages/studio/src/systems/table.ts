import type { SystemChoice } from './choice.js';

/** Scenes of a table that comes out of the studio: enough to tell rows apart, few enough to run at once. */
const SCENES = { seed: 8_200_000, count: 50 };

/**
 * The chosen systems as the rows of an ablation table: a configuration that `maskloom ablate studio/question` runs.
 */
export function tableOf(systems: readonly SystemChoice[], title: string): string {
  const rows = systems.map(({ recipe, stages }, i) => ({
    label: `${i + 1} ${[recipe, ...Object.values(stages).map(({ stage }) => stage)].join(', ')}`,
    recipe,
    ...(Object.keys(stages).length === 0 ? {} : { overrides: { stages } }),
  }));
  const table = {
    id: 'studio/question',
    title,
    data: { synthetic: { val: SCENES }, real: {} },
    rows,
    columns: [{ label: 'gIoU', synthetic: { part: 'val', protocol: 'reasoning', figure: 'gIoU all' } }],
  };
  return `import { defineAblation } from '@maskloom/eval';
import { defineConfig } from 'maskloom';

// Run it: maskloom ablate studio/question --out run
export default defineConfig({
  ablations: [defineAblation(${JSON.stringify(table, undefined, 2).replaceAll('\n', '\n  ')})],
});
`;
}

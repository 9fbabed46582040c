import type { RunPlan } from '../runner/run-plan.js';
import { canonicalJson } from '@maskloom/metrics';

/** A short unique name for each subject of a run: its recipe, and what is changed in it where several share one. */
export function subjectLabels({ subjects }: RunPlan): readonly string[] {
  return subjects.map(({ recipe, overrides }, i) => {
    const shared = subjects.some((other, j) => j !== i && other.recipe === recipe);
    return shared ? `${recipe} ${changesOf(overrides)}`.trim() : recipe;
  });
}

function changesOf(overrides: RunPlan['subjects'][number]['overrides']): string {
  const { stages = {}, weights, refine } = overrides;
  const parts = Object.entries(stages).map(([slot, { stage, options = {} }]) =>
    [
      stage ?? slot,
      ...Object.entries(options).map(([name, value]) => `${name}=${canonicalJson(value)}`),
    ].join(' '),
  );
  if (weights !== undefined) parts.push(`weights ${weights}`);
  if (refine !== undefined) parts.push(`refined by ${refine.by} (${refine.chosenBy})`);
  return parts.length === 0 ? '(as shipped)' : `(${parts.join(', ')})`;
}

import type { DeviceChoice } from '@maskloom/core';
import {
  mergeOverrides,
  RUN_SCHEMA,
  type Ablation,
  type EvalSwitches,
  type Overrides,
  type RunPart,
  type RunPlan,
  type RunWork,
  type Subject,
  withoutRefinement,
} from '@maskloom/eval';
import type { Bundle } from '@maskloom/runtime';
import type { Workspace } from '../config/workspace.js';
import { resolveSubject } from './resolve-subject.js';

/** What a plan is made of. */
export interface PlanOptions {
  readonly tables: readonly Ablation[];
  readonly world: 'synthetic' | 'real';
  readonly parts: readonly RunPart[];
  readonly bundles: readonly Bundle[];
  readonly device: DeviceChoice;
  readonly switches: EvalSwitches;
  readonly workspace: Workspace;
  readonly command: string;
}

/** Everything that the cells of some tables need, each piece of work once however many cells show it. */
export function planRun(options: PlanOptions): RunPlan {
  const { tables, world, workspace, bundles } = options;
  const subjects: Subject[] = [];
  const known = new Map<string, number>();
  const subject = (recipe: string, overrides: Overrides): number => {
    const key = JSON.stringify([recipe, overrides]);
    const found = known.get(key) ?? subjects.push(resolveSubject(recipe, overrides, workspace, bundles)) - 1;
    known.set(key, found);
    return found;
  };
  const work = new Map<string, RunWork & { readonly asked: Set<number> }>();
  for (const { rows, columns } of tables) {
    for (const row of rows) {
      for (const column of columns) {
        const source = column[world];
        if (row.recipe === undefined || source === undefined) continue;
        const { part, protocol } = source;
        const key = `${part}\n${protocol}`;
        const one = work.get(key) ?? { part, protocol, subjects: [], asked: new Set<number>() };
        work.set(key, one);
        const overrides = mergeOverrides(row, column);
        one.asked.add(subject(row.recipe, overrides));
        if (row.gain === true) one.asked.add(subject(row.recipe, withoutRefinement(overrides)));
      }
    }
  }
  return {
    schema: RUN_SCHEMA,
    command: options.command,
    device: options.device,
    bundles: bundles.map(({ root }) => root),
    plugins: workspace.sources,
    switches: options.switches,
    world,
    subjects,
    parts: options.parts,
    work: [...work.values()].map(({ part, protocol, asked }) => ({
      part,
      protocol,
      subjects: [...asked].sort((a, b) => a - b),
    })),
    tables,
  };
}

import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { MaskloomError, recipeId, suggest } from '@maskloom/core';
import { formats, type DatasetKind } from '@maskloom/data';
import { askedTasks, evalTable, type Ablation } from '@maskloom/eval';
import { selectRecipes } from '../compare/select-recipes.js';
import { openBundles, runBundles, shippedBundles } from './run-bundles.js';
import { runTables, runWorkspace, type RunTablesOptions, type RunTablesResult } from './run-tables.js';

/** What is measured, on what, and where the run is kept. */
export interface RunEvalOptions extends Omit<RunTablesOptions, 'tables' | 'data' | 'bundles'> {
  /** Bundles by name or folder, the first that has a recipe's weights gives them; the embedded ones when absent. */
  readonly bundles?: readonly string[];
  /** Folder of the data set. */
  readonly data: string;
  /** Systems, recipes or `all`; every recipe that the bundles have weights for when absent. */
  readonly systems?: readonly string[];
  /** Name of a data format; needed unless the folder was written by `data synth`. */
  readonly format?: string;
  /** Part of the data set; the format's own first choice when absent. */
  readonly split?: string;
}

/**
 * Measures recipes on a data set as a run that can be interrupted.
 * @throws MaskloomError as `runTables`; OPTION_INVALID when the format is needed or unknown, SYSTEM_UNKNOWN, RECIPE_UNKNOWN
 */
export async function runEval(options: RunEvalOptions): Promise<RunTablesResult> {
  const workspace = await runWorkspace(options);
  const { registry } = workspace;
  const weights = options.bundles ?? shippedBundles();
  const bundles = await openBundles(runBundles(weights), options.signal);
  const available = [...new Set(bundles.flatMap(({ recipes }) => recipes))];
  const { kind, premises } = kindOf(options);
  const recipes = selectRecipes(registry, {
    task: askedTasks(kind),
    available,
    ...(options.systems === undefined ? {} : { systems: options.systems }),
  });
  const table = evalTable({
    recipes: recipes.map(recipeId),
    tasks: new Set(recipes.flatMap(({ tasks }) => tasks)),
    data: basename(resolve(options.data)),
    kind,
    premises,
  });
  return runTables({ ...options, bundles: weights, workspace, tables: [withFormat(table, options)] });
}

function kindOf({ data, format, split }: RunEvalOptions): {
  readonly kind: DatasetKind | 'synthetic';
  readonly premises: boolean;
} {
  if (format === undefined && split !== undefined)
    throw new MaskloomError('OPTION_INVALID', 'A split is part of a real data set.', {
      where: '--split',
      hint: 'Say what form the data set has: --format.',
    });
  if (format === undefined && existsSync(join(data, 'synth.json')))
    return { kind: 'synthetic', premises: true };
  if (!existsSync(data))
    throw new MaskloomError('DATA_NOT_FOUND', 'There is no such folder.', { where: data });
  const found = formats().find(({ id }) => id === format);
  const ids = formats().map(({ id }) => id);
  if (found === undefined)
    throw new MaskloomError(
      'OPTION_INVALID',
      format === undefined ? 'Say what form the data set has.' : `There is no data format '${format}'.`,
      { where: '--format', hint: suggest(format ?? '', ids) },
    );
  return { kind: found.kind, premises: /^(fp|r)-|^grefcoco$|^reasonseg$/.test(found.id) };
}

function withFormat(table: Ablation, { format, split = '' }: RunEvalOptions): Ablation {
  if (format === undefined) return table;
  return { ...table, data: { ...table.data, real: { data: { format, split, folder: '.' } } } };
}

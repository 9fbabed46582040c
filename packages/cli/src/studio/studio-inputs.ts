import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { realRoots, type StudioExample, type StudioOptions } from '@maskloom/studio';
import { dataChoice, type DataFlags } from '../commands/data-options.js';
import { chosenData } from '../config/choices.js';
import type { Workspace } from '../config/workspace.js';
import type { Terminal } from '../terminal/terminal.js';
import { dataExamples } from './data-examples.js';
import { evalUnits } from './eval-units.js';
import { worstOfRun } from './worst-of-run.js';

/** Options that say what data sets among the inputs are. */
export interface InputFlags extends DataFlags {
  readonly format?: string;
  readonly split?: string;
  readonly splitBy?: string;
}

/**
 * What the command line names, by what it is: folders of results and runs, data sets (named in the configuration, or every other
 * folder when a format is given), pictures and folders of pictures.
 * @throws MaskloomError DATA_*, RUN_INVALID, OPTION_INVALID
 */
export async function studioInputs(
  project: Workspace,
  named: readonly string[],
  flags: InputFlags,
  terminal: Terminal,
): Promise<Required<Pick<StudioOptions, 'inputs' | 'examples'>>> {
  const inputs: string[] = [];
  const examples: StudioExample[] = [];
  const note = (message: string): void => terminal.note(message);
  const data = named.map((name) => chosenData(project, name));
  const roots = await realRoots(data.map(({ folder }) => folder));
  for (const { folder, format = flags.format, split } of data) {
    const results = await worstOfRun(folder);
    if (results !== undefined) examples.push(...results);
    else if (existsSync(join(folder, 'run.json')))
      examples.push(...(await evalUnits(folder, roots, project.registry, note)));
    else if (format !== undefined && isFolder(folder)) {
      const { strict: _, ...choice } = dataChoice(flags);
      const shown = { ...choice, folder, format, split: flags.split ?? split, splitBy: flags.splitBy };
      examples.push(...(await dataExamples(shown, note, terminal.signal)));
    } else inputs.push(folder);
  }
  return { inputs, examples };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

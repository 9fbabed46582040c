import type { Command } from 'commander';
import type { OpenWorkspace } from '../config/workspace.js';
import { weightsHolders } from '../bundles/weights.js';
import { namedBundles } from '../config/choices.js';
import { listSystems } from '../list-systems.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';

/** `maskloom systems`: what can be compared. */
export function addSystems(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  program
    .command('systems')
    .description(
      'List systems, their recipes, the tasks they can do and the bundles here that have their weights.',
    )
    .option('--json', 'print the list as JSON, with the stage of every slot')
    .action(
      finish(async ({ json }: { readonly json?: boolean }) => {
        const project = await workspace();
        const holders = await weightsHolders(namedBundles(project), terminal.signal);
        const systems = listSystems(project.registry, holders);
        for (const { bundle, problem } of holders)
          if (problem !== undefined) terminal.note(`bundle ${bundle}: ${problem}`);
        if (json === true) terminal.out(`${JSON.stringify(systems, undefined, 1)}\n`);
        else {
          const rows = systems.flatMap(({ recipes }) =>
            recipes.map(({ id, tasks, summary, weights }) => [
              id,
              tasks.join(', '),
              weights.join(', ') || 'none here',
              summary,
            ]),
          );
          terminal.out(formatTable([['recipe', 'tasks', 'weights in', ''], ...rows]));
        }
        return EXIT.ok;
      }),
    );
}

import type { Command } from 'commander';
import { listSystems } from '../list-systems.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';

/** `maskloom systems`: what can be compared. */
export function addSystems(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('systems')
    .description('List systems, their recipes and the tasks they can do.')
    .option('--json', 'print the list as JSON, with the stage of every slot')
    .action(
      finish(async ({ json }: { readonly json?: boolean }) => {
        const systems = listSystems();
        if (json === true) terminal.out(`${JSON.stringify(systems, undefined, 1)}\n`);
        else {
          const rows = systems.flatMap(({ recipes }) =>
            recipes.map(({ id, tasks, summary }) => [id, tasks.join(', '), summary]),
          );
          terminal.out(formatTable([['recipe', 'tasks', ''], ...rows]));
        }
        return EXIT.ok;
      }),
    );
}

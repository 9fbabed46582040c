import type { Command } from 'commander';
import { resolve } from 'node:path';
import { diffRuns, type FigureDifference } from '@maskloom/eval';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';

/** `maskloom diff`: two runs, figure by figure. */
export function addDiff(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('diff')
    .description('Compare two runs figure by figure, paired by image.')
    .argument('<first>', 'a folder that `ablate` or `eval --out` wrote')
    .argument('<second>', 'another')
    .option('--json', 'print the differences as JSON on standard output, and nothing else there')
    .action(
      finish(async (first: string, second: string, { json }: { readonly json?: boolean }) => {
        const found = await diffRuns(resolve(first), resolve(second));
        if (json === true) {
          terminal.out(`${JSON.stringify(found)}\n`);
          return EXIT.ok;
        }
        for (const [name, before, after] of found.settings) terminal.out(`${name}: ${before} -> ${after}\n`);
        for (const id of found.alone) terminal.out(`only in one of them: ${id}\n`);
        const head = ['table', 'row', 'column', 'first', 'second', 'difference', 'p', 'images'];
        terminal.out(formatTable([head, ...found.figures.map(line)], [3, 4, 7]));
        return EXIT.ok;
      }),
    );
}

function line({
  table,
  row,
  column,
  before,
  after,
  difference,
  interval,
  p,
  images,
}: FigureDifference): string[] {
  const shown = (value: number | null): string => (value === null ? '-' : value.toFixed(1));
  const range = interval === null ? '' : ` [${shown(interval[0])}, ${shown(interval[1])}]`;
  return [
    table,
    row,
    column,
    shown(before),
    shown(after),
    difference === null ? 'not paired' : `${shown(difference)}${range}`,
    p === null ? '' : p.toFixed(3),
    String(images),
  ];
}

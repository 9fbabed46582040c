import type { Command } from 'commander';
import type { DeviceChoice } from '@maskloom/core';
import { evaluateBundle } from '../evaluate/evaluate-bundle.js';
import { figuresTable, timeLeft } from '../evaluate/show-figures.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';
import { parseDevice, parseList, parseWhole } from './parse.js';

interface EvalFlags {
  readonly data: string;
  readonly systems?: readonly string[];
  readonly bundle?: string;
  readonly device: DeviceChoice;
  readonly limit?: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** `maskloom eval`: held-out figures. */
export function addEval(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('eval')
    .description('Measure recipes on a data set: referring, false premises, and prompted masks.')
    .requiredOption('--data <dir>', 'a folder that `data synth` wrote')
    .option('--systems <a,b,...>', 'systems, recipes or all (default: every recipe of the bundle)', parseList)
    .option('--bundle <name|dir>', 'an embedded bundle or a folder with bundle.json (default: tiny)')
    .option('--device <device>', 'auto, cpu, webgpu, cuda, coreml or dml', parseDevice, 'auto')
    .option('--limit <n>', 'the first images only', parseWhole('--limit', 1))
    .option('--out <file>', 'JSON file for the figures')
    .option('--json', 'print the figures as JSON on standard output, and nothing else there')
    .action(
      finish(async ({ json, ...flags }: EvalFlags) => {
        const start = performance.now();
        const figures = await evaluateBundle({
          ...flags,
          signal: terminal.signal,
          onWarning: (message) => terminal.note(`warning: ${message}`),
          onProgress: (done, total) =>
            terminal.progress(
              `${done}/${total} images, ${timeLeft(performance.now() - start, done, total)} left`,
            ),
        });
        terminal.out(json === true ? `${JSON.stringify(figures)}\n` : figuresTable(figures));
        if (flags.out !== undefined && json !== true) terminal.out(`figures: ${flags.out}\n`);
        return EXIT.ok;
      }),
    );
}

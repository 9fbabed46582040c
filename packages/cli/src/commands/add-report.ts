import type { Command } from 'commander';
import { resolve } from 'node:path';
import { buildRunReport } from '@maskloom/eval';
import { writeRunTables } from '../evaluate/write-tables.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';
import { parseWhole } from './parse.js';

/** `maskloom report`: pages of a run. */
export function addReport(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('report')
    .description(
      'Make pages of a run: tables, plots, scores by class and image, predictions beside the truth.',
    )
    .argument('<run>', 'a folder that `ablate` or `eval --out` wrote')
    .option('--images <n>', 'images on each page of overlays', parseWhole('--images', 1), 24)
    .action(
      finish(async (run: string, { images }: { readonly images: number }) => {
        await writeRunTables(resolve(run));
        const page = await buildRunReport({
          folder: resolve(run),
          images,
          signal: terminal.signal,
          onProgress: (line) => terminal.progress(line),
        });
        terminal.out(`report: ${page}\n`);
        return EXIT.ok;
      }),
    );
}

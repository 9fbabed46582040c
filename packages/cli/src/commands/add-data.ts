import type { Command } from 'commander';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import { maxPixelsOption } from './max-pixels.js';
import type { CheckFlags } from './check-data.js';
import type { OpenWorkspace } from '../config/workspace.js';
import { addDataOptions } from './data-options.js';
import type { Finish } from './finish.js';
import type { ShowFlags } from './show-data.js';
import { parseSize, parseWhole } from './parse.js';

interface SynthFlags {
  readonly out: string;
  readonly count: number;
  readonly seed: number;
  readonly size: string;
}

/** `maskloom data`: make and check data sets. Each of its commands reads its own files when it is called. */
export function addData(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  const data = program.command('data').description('Make and check data sets.');
  data
    .command('synth')
    .description(
      'Generate scenes of the synthetic world in the formats of COCO, ADE20K, REFER and ReasonSeg.',
    )
    .requiredOption('--out <dir>', 'folder to make')
    .option('--count <n>', 'number of scenes', parseWhole('--count', 1), 100)
    .option('--seed <n>', 'scene i is the scene of seed + i', parseWhole('--seed', 0), 1)
    .option('--size <size>', 'pixels: 128, or 160x96 for width x height', '128')
    .action(
      finish(async ({ out, count, seed, size }: SynthFlags) => {
        const { writeSynth } = await import('@maskloom/synth');
        await writeSynth({
          out,
          count,
          seed,
          ...parseSize(size),
          signal: terminal.signal,
          onProgress: (done, total) => terminal.progress(`${done}/${total} scenes`),
        });
        terminal.out(`${count} ${count === 1 ? 'scene' : 'scenes'}: ${out}\n`);
        return EXIT.ok;
      }),
    );
  addDataOptions(
    data
      .command('check')
      .description('Check a data set: every file, reference, picture, mask and phrase record.')
      .argument('<dir>', 'the folder of a data set')
      .option('--format <format>', 'one of `data formats`; without it, a folder that `data synth` wrote')
      .option('--split <split>', 'a part of it, e.g. val (with --format)')
      .option('--split-by <name>', 'who split a REFER data set, e.g. unc, umd or unc_exclude_unified')
      .option('--limit <n>', 'stop after this many problems', parseWhole('--limit', 1), 50)
      .addOption(maxPixelsOption()),
  ).action(
    finish(async (dir: string, flags: CheckFlags) => {
      const { checkData } = await import('./check-data.js');
      return checkData(dir, flags, terminal);
    }),
  );
  addDataOptions(
    data
      .command('show')
      .description(
        'Print what is read of a data set: every image, its sizes, segments and what is asked about it.',
      )
      .argument('<dir>', 'the folder of a data set, or its name in the configuration')
      .option('--format <format>', 'one of `data formats`')
      .option('--split <split>', 'a part of it, e.g. val')
      .option('--split-by <name>', 'who split a REFER data set, e.g. unc, umd or unc_exclude_unified')
      .option('--limit <n>', 'the first images only', parseWhole('--limit', 1))
      .addOption(maxPixelsOption())
      .option('--json', 'one JSON object a line for each image'),
  ).action(
    finish(async (dir: string, flags: ShowFlags) => {
      const [{ chosenData }, { showData }] = await Promise.all([
        import('../config/choices.js'),
        import('./show-data.js'),
      ]);
      return showData(chosenData(await workspace(), dir), flags, terminal);
    }),
  );
  data
    .command('formats')
    .description('List the data formats, their splits and the files they are made of.')
    .action(finish(async () => (await import('./check-data.js')).listFormats(terminal)));
}

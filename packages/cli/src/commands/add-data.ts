import type { Command } from 'commander';
import { checkDataset, writeSynth } from '@maskloom/eval';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';
import { parseSize, parseWhole } from './parse.js';

interface SynthFlags {
  readonly out: string;
  readonly count: number;
  readonly seed: number;
  readonly size: string;
}

/** `maskloom data`: make and check data sets. */
export function addData(program: Command, terminal: Terminal, finish: Finish): void {
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
  data
    .command('check')
    .description('Check a data set: every file, reference, mask and phrase record.')
    .argument('<dir>', 'a folder that `data synth` wrote')
    .action(
      finish(async (dir: string) => {
        const { ok, counts, problems } = await checkDataset(dir, { signal: terminal.signal });
        for (const { where, message } of problems) terminal.out(`${where}: ${message}\n`);
        const checked = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
        terminal.out(`${ok ? 'in order' : `${problems.length} problems`}: ${checked.join(', ')}\n`);
        return ok ? EXIT.ok : EXIT.failed;
      }),
    );
}

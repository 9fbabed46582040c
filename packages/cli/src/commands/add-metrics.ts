import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { MaskloomError } from '@maskloom/core';
import { cocoScores, type CocoResult, type CocoTruthFile } from '@maskloom/metrics';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';

interface CocoFlags {
  readonly kind: string;
  readonly intervals?: boolean;
  readonly classes?: boolean;
  readonly json?: boolean;
}

/** `maskloom metrics`: figures of results that any program wrote. */
export function addMetrics(program: Command, terminal: Terminal, finish: Finish): void {
  const metrics = program.command('metrics').description('Score results that any program wrote.');
  metrics
    .command('coco')
    .description("COCO's average precision and recall of a results file, equal to pycocotools.")
    .argument('<truth>', 'annotation file (instances_*.json)')
    .argument('<results>', 'results file: a list of { image_id, category_id, score, segmentation or bbox }')
    .option('--kind <kind>', 'what is compared: mask or box', 'mask')
    .option('--intervals', '95 % bootstrap intervals over images')
    .option('--classes', 'AP of every class as well')
    .option('--json', 'print the figures as JSON on standard output, and nothing else there')
    .action(
      finish(async (truth: string, results: string, flags: CocoFlags) => {
        const { kind, intervals = false } = flags;
        if (kind !== 'mask' && kind !== 'box')
          throw new MaskloomError('OPTION_INVALID', `Objects are not compared by '${kind}'.`, {
            where: '--kind',
            hint: 'Give mask or box.',
          });
        const scores = cocoScores(readJson(truth) as CocoTruthFile, readJson(results) as CocoResult[], {
          kind,
          intervals,
        });
        if (flags.json === true) terminal.out(`${JSON.stringify(scores)}\n`);
        else {
          const shown = Object.entries(scores.figures).filter(
            ([name]) => flags.classes === true || !name.startsWith('AP '),
          );
          const rows = shown.map(([name, { value, interval, n }]) => [
            name,
            value === null ? '-' : value.toFixed(4),
            interval === null ? '' : `[${interval[0].toFixed(4)}, ${interval[1].toFixed(4)}]`,
            String(n),
          ]);
          terminal.out(
            formatTable([['figure', 'value', intervals ? '95 %' : '', 'objects'], ...rows], [1, 3]),
          );
          terminal.out(`${scores.images} images, by ${kind}\n`);
        }
        if (scores.leftOut > 0)
          terminal.note(
            `${scores.leftOut} results of categories that the annotation file does not have were left out`,
          );
        return EXIT.ok;
      }),
    );
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new MaskloomError(
      missing ? 'DATA_NOT_FOUND' : 'DATA_INVALID',
      missing ? 'There is no such file.' : `The file cannot be read as JSON: ${(cause as Error).message}`,
      { where: path, cause },
    );
  }
}

import type { Command } from 'commander';
import { MaskloomError, type DeviceChoice } from '@maskloom/core';
import { chosenBundles, chosenDevice } from '../config/choices.js';
import type { Workspace } from '../config/workspace.js';
import type { RunTablesOptions } from '../evaluate/run-tables.js';
import { unitProgress } from '../evaluate/show-run.js';
import { parseAnswers, readSwitches } from '../evaluate/switches.js';
import { addQueueOptions, queueOf, type QueueFlags } from '../queue/queue-options.js';
import type { Terminal } from '../terminal/terminal.js';
import { maxPixelsOption } from './max-pixels.js';
import { optionWords } from './option-words.js';
import { parseDevice, parseList, parseRange } from './parse.js';
import { given } from '../given.js';

/** Options of every command that makes a run, as commander parses them. */
export interface RunFlags extends QueueFlags {
  readonly bundle?: readonly string[];
  readonly device?: DeviceChoice;
  readonly workers?: readonly [number, number];
  readonly answers?: 'generated' | 'teacher-forced';
  readonly switches?: readonly string[];
  readonly mapper?: string;
  readonly takeOver?: boolean;
  readonly maxPixels?: number;
  readonly json?: boolean;
}

/**
 * Adds the options of a run.
 * @param bundles - where weights come from without `--bundle`, in words
 */
export function addRunOptions(command: Command, bundles: string): Command {
  const run = command
    .option(
      '--bundle <name|dir>',
      `where weights come from, may be repeated: the first that has a recipe's weights gives them (default: ${bundles})`,
      (one: string, all: readonly string[] = []) => [...all, one],
    )
    .option('--device <device>', 'auto, cpu, webgpu, cuda, coreml or dml', parseDevice)
    .option('--workers <n>', 'processes', parseRange('--workers'))
    .option('--answers <which>', 'generated (default) or teacher-forced', parseAnswers)
    .option(
      '--switches <a,b,...>',
      "the references' ways of counting: summedPolygons, referenceEpsilons, emptyUnionIsZero, allTexts, releasedPrompts",
      parseList,
    )
    .option(
      '--mapper <stage>',
      'count names that a system writes for the classes that this stage says, e.g. rose/siglip-similarity (default: exactly so called)',
    )
    .option('--take-over', 'take the run from a process on another machine that no longer runs')
    .addOption(maxPixelsOption())
    .option('--json', 'print the tables as JSON on standard output, and nothing else there');
  return addQueueOptions(run);
}

/**
 * What those options say, with the project's defaults, in the form that runs take.
 * @throws MaskloomError `OPTION_INVALID`
 */
export async function runChoice(
  flags: RunFlags,
  project: Workspace,
  terminal: Terminal,
): Promise<Omit<RunTablesOptions, 'tables' | 'out' | 'command'>> {
  const dispatch = await queueOf(flags, terminal);
  const bundles = chosenBundles(project, flags.bundle);
  return {
    workspace: project,
    device: chosenDevice(project, flags.device),
    workers: onlyOne(flags.workers) ?? project.config.defaults?.workers ?? 1,
    switches: readSwitches(flags.switches, flags.answers),
    takeOver: flags.takeOver ?? false,
    signal: terminal.signal,
    ...(flags.mapper === undefined ? {} : { mapper: { stage: flags.mapper } }),
    ...given({ maxPixels: flags.maxPixels, bundles, dispatch }),
    onNote: (note) => terminal.note(note),
    onProgress: (line) => terminal.progress(line),
    onUnits: unitProgress(terminal),
  };
}

/** @throws MaskloomError `OPTION_INVALID` for a range: a run has one number of processes */
function onlyOne(range: readonly [number, number] | undefined): number | undefined {
  if (range === undefined || range[0] === range[1]) return range?.[0];
  throw new MaskloomError('OPTION_INVALID', 'A range of workers is for a prediction.', {
    where: '--workers',
    hint: 'Give one number, or --plan.',
  });
}

/** The words of a command line for the options that change results. */
export function runWords({
  bundle = [],
  device,
  answers,
  switches,
  mapper,
  maxPixels,
}: RunFlags): readonly string[] {
  return [
    ...bundle.map((one) => `--bundle ${one}`),
    ...optionWords({ device: device === 'auto' ? undefined : device, answers, switches, mapper }),
    ...optionWords({ 'max-pixels': maxPixels }),
  ];
}

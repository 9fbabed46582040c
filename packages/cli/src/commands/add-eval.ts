import type { Command } from 'commander';
import { MaskloomError, type DeviceChoice } from '@maskloom/core';
import { tableText } from '@maskloom/eval';
import { chosenBundles, chosenData, chosenDevice } from '../config/choices.js';
import type { OpenWorkspace, Workspace } from '../config/workspace.js';
import { evaluateBundle } from '../evaluate/evaluate-bundle.js';
import { runEval } from '../evaluate/run-eval.js';
import { figuresTable, timeLeft } from '../evaluate/show-figures.js';
import { showOutcome, unitProgress, whenInterrupted } from '../evaluate/show-run.js';
import { readSwitches } from '../evaluate/switches.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import { parseAnswers } from '../evaluate/switches.js';
import { addDataOptions, addStrict, dataChoice, dataWords, type DataFlags } from './data-options.js';
import type { Finish } from './finish.js';
import { parseDevice, parseList, parseWhole } from './parse.js';

interface EvalFlags extends DataFlags {
  readonly data: string;
  readonly system?: readonly string[];
  readonly systems?: readonly string[];
  readonly format?: string;
  readonly split?: string;
  readonly bundle?: string;
  readonly device?: DeviceChoice;
  readonly limit?: number;
  readonly workers?: number;
  readonly answers?: 'generated' | 'teacher-forced';
  readonly switches?: readonly string[];
  readonly out?: string;
  readonly takeOver?: boolean;
  readonly maxPixels?: number;
  readonly json?: boolean;
}

/** `maskloom eval`: held-out figures, as a JSON file or as a run that can be interrupted. */
export function addEval(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  const command = program
    .command('eval')
    .description(
      'Measure recipes on a data set. With a folder for --out the run can be interrupted and goes on; see `report`.',
    )
    .requiredOption('--data <dir>', 'a folder that `data synth` wrote, or with --out DIR any data set')
    .option('--systems <a,b,...>', 'systems, recipes or all (default: every recipe of the bundle)', parseList)
    .option('--system <a,b,...>', 'the same', parseList)
    .option(
      '--format <format>',
      'form of a real data set, as `data check --format` names it (with --out DIR)',
    )
    .option('--split <split>', 'part of a real data set, e.g. val (with --out DIR)')
    .option('--bundle <name|dir>', 'an embedded bundle or a folder with bundle.json (default: tiny)')
    .option('--device <device>', 'auto, cpu, webgpu, cuda, coreml or dml', parseDevice)
    .option('--limit <n>', 'the first images only', parseWhole('--limit', 1))
    .option('--workers <n>', 'processes (with --out DIR)', parseWhole('--workers', 1))
    .option('--answers <which>', 'generated (default) or teacher-forced (with --out DIR)', parseAnswers)
    .option(
      '--switches <a,b,...>',
      "the references' ways of counting: summedPolygons, referenceEpsilons, emptyUnionIsZero, allTexts (with --out DIR)",
      parseList,
    )
    .option('--out <place>', 'FILE.json for the figures, or a folder for a run')
    .option(
      '--take-over',
      'take the run from a process on another machine that no longer runs (with --out DIR)',
    )
    .option(
      '--max-pixels <n>',
      'largest width x height of a picture that is read (default: 100 million)',
      parseWhole('--max-pixels', 1),
    )
    .option('--json', 'print the figures as JSON on standard output, and nothing else there');
  addStrict(addDataOptions(command)).action(
    finish(async (flags: EvalFlags) => {
      const { out } = flags;
      const project = await workspace();
      if (out !== undefined && !out.endsWith('.json')) return asRun(terminal, flags, out, project);
      const runOnly = (
        [
          'format',
          'split',
          'annotations',
          'images',
          'orientation',
          'answers',
          'switches',
          'takeOver',
        ] as const
      ).find((name) => flags[name] !== undefined);
      if (runOnly !== undefined)
        throw new MaskloomError(
          'OPTION_INVALID',
          `--${runOnly === 'takeOver' ? 'take-over' : runOnly} needs a folder for the run.`,
          {
            where: '--out',
            hint: 'Give a folder to --out.',
          },
        );
      return asFile(terminal, flags, project);
    }),
  );
}

async function asFile(terminal: Terminal, flags: EvalFlags, project: Workspace): Promise<number> {
  const { limit, out, json } = flags;
  const bundle = chosenBundles(project, flags.bundle === undefined ? undefined : [flags.bundle])?.[0];
  const systems = flags.system ?? flags.systems;
  const start = performance.now();
  const figures = await evaluateBundle({
    data: chosenData(project, flags.data).folder,
    device: chosenDevice(project, flags.device),
    registry: project.registry,
    ...(systems === undefined ? {} : { systems }),
    ...(bundle === undefined ? {} : { bundle }),
    ...(limit === undefined ? {} : { limit }),
    ...(flags.maxPixels === undefined ? {} : { maxPixels: flags.maxPixels }),
    ...(out === undefined ? {} : { out }),
    signal: terminal.signal,
    onWarning: (message) => terminal.note(`warning: ${message}`),
    onProgress: (done, total) =>
      terminal.progress(`${done}/${total} images, ${timeLeft(performance.now() - start, done, total)} left`),
  });
  terminal.out(json === true ? `${JSON.stringify(figures)}\n` : figuresTable(figures));
  if (out !== undefined && json !== true) terminal.out(`figures: ${out}\n`);
  return EXIT.ok;
}

async function asRun(terminal: Terminal, flags: EvalFlags, out: string, project: Workspace): Promise<number> {
  const { limit, json } = flags;
  const known = chosenData(project, flags.data);
  const { format, split } = { ...known, ...flags };
  const bundles = chosenBundles(project, flags.bundle === undefined ? undefined : [flags.bundle]);
  const systems = flags.system ?? flags.systems;
  return whenInterrupted(terminal, out, async () => {
    const result = await runEval({
      data: known.folder,
      out,
      device: chosenDevice(project, flags.device),
      workers: flags.workers ?? project.config.defaults?.workers ?? 1,
      workspace: project,
      command: commandLine(flags, systems),
      switches: readSwitches(flags.switches, flags.answers),
      ...dataChoice(flags),
      signal: terminal.signal,
      takeOver: flags.takeOver ?? false,
      ...(flags.maxPixels === undefined ? {} : { maxPixels: flags.maxPixels }),
      ...(systems === undefined ? {} : { systems }),
      ...(format === undefined ? {} : { format }),
      ...(split === undefined ? {} : { split }),
      ...(bundles === undefined ? {} : { bundles }),
      ...(limit === undefined ? {} : { count: limit }),
      onProgress: (line) => terminal.progress(line),
      onUnits: unitProgress(terminal),
    });
    if (json === true) terminal.out(`${JSON.stringify(result.tables)}\n`);
    else terminal.out(`${result.tables.map(tableText).join('\n')}\n`);
    return showOutcome(terminal, result, out, json === true);
  });
}

function commandLine(flags: EvalFlags, systems: readonly string[] | undefined): string {
  const { data, format, split, bundle, device, limit, answers, switches } = flags;
  const words = ['maskloom eval', `--data ${data}`];
  if (systems !== undefined) words.push(`--system ${systems.join(',')}`);
  if (format !== undefined) words.push(`--format ${format}`);
  if (split !== undefined) words.push(`--split ${split}`);
  words.push(...dataWords(flags));
  if (bundle !== undefined) words.push(`--bundle ${bundle}`);
  if (device !== undefined && device !== 'auto') words.push(`--device ${device}`);
  if (limit !== undefined) words.push(`--limit ${limit}`);
  if (answers !== undefined) words.push(`--answers ${answers}`);
  if (switches !== undefined) words.push(`--switches ${switches.join(',')}`);
  return [...words, '--out RUN'].join(' ');
}

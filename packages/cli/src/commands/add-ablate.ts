import type { Command } from 'commander';
import { MaskloomError, type DeviceChoice } from '@maskloom/core';
import { ablationNamed, capabilityText, shippedAblations, tableText } from '@maskloom/eval';
import { CAPABILITIES, writeCapabilities } from '../evaluate/capabilities.js';
import { chosenBundles, chosenData, chosenDevice, ownTables } from '../config/choices.js';
import type { OpenWorkspace, Workspace } from '../config/workspace.js';
import { runTables } from '../evaluate/run-tables.js';
import { showOutcome, unitProgress, whenInterrupted } from '../evaluate/show-run.js';
import { parseAnswers, readSwitches } from '../evaluate/switches.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { addDataOptions, addStrict, dataChoice, dataWords, type DataFlags } from './data-options.js';
import type { Finish } from './finish.js';
import { parseDevice, parseList, parseSize, parseWhole } from './parse.js';

interface AblateFlags extends DataFlags {
  readonly list?: boolean;
  readonly out?: string;
  readonly data?: string;
  readonly bundle?: readonly string[];
  readonly device?: DeviceChoice;
  readonly count?: number;
  readonly seed?: number;
  readonly size: string;
  readonly workers?: number;
  readonly answers?: 'generated' | 'teacher-forced';
  readonly switches?: readonly string[];
  readonly takeOver?: boolean;
  readonly maxPixels?: number;
  readonly json?: boolean;
}

/** `maskloom ablate`: the papers' tables, measured. */
export function addAblate(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  const command = program
    .command('ablate')
    .description(
      "Measure the papers' ablation tables, their printed figures beside; an interrupted run goes on.",
    )
    .argument('[ids...]', "tables, e.g. read/table-6; a paper's name stands for all of its tables")
    .option('--list', 'list the tables')
    .option('--out <dir>', 'folder of the run: new, or that of an interrupted run, which then goes on')
    .option(
      '--data <dir>',
      'a real data set, or a folder that `data synth` wrote (default: generated scenes)',
    )
    .option(
      '--bundle <name|dir>',
      'where weights come from, may be repeated (default: the embedded bundles)',
      (one: string, all: readonly string[] = []) => [...all, one],
    )
    .option('--device <device>', 'auto, cpu, webgpu, cuda, coreml or dml', parseDevice)
    .option('--count <n>', "images of each part (default: the table's own number)", parseWhole('--count', 1))
    .option(
      '--seed <n>',
      "first seed of generated scenes (default: the table's own)",
      parseWhole('--seed', 0),
    )
    .option('--size <size>', 'pixels of generated scenes: 128, or 160x96', '128')
    .option('--workers <n>', 'processes', parseWhole('--workers', 1))
    .option('--answers <which>', 'generated (default) or teacher-forced', parseAnswers)
    .option(
      '--switches <a,b,...>',
      "the references' ways of counting: summedPolygons, referenceEpsilons, emptyUnionIsZero, allTexts",
      parseList,
    )
    .option('--take-over', 'take the run from a process on another machine that no longer runs')
    .option(
      '--max-pixels <n>',
      'largest width x height of a picture that is read (default: 100 million)',
      parseWhole('--max-pixels', 1),
    )
    .option('--json', 'print the tables as JSON on standard output, and nothing else there');
  addStrict(addDataOptions(command)).action(
    finish(async (ids: readonly string[], flags: AblateFlags) => {
      const project = await workspace();
      if (flags.list === true || ids.length === 0) {
        terminal.out(
          formatTable([
            ['table', 'title'],
            [CAPABILITIES, 'Capabilities (not measured: read off the recipes)'],
            ...[...shippedAblations(), ...(project.config.ablations ?? [])].map(({ id, title }) => [
              id,
              title,
            ]),
          ]),
        );
        return EXIT.ok;
      }
      const measured = ids.filter((id) => id !== CAPABILITIES);
      if (measured.length < ids.length || ids.includes('rose')) {
        const table = writeCapabilities(project.registry, measured.length === 0 ? flags.out : undefined);
        if (flags.json !== true) terminal.out(`${capabilityText(table, 'text')}\n`);
        else if (measured.length === 0) terminal.out(`${JSON.stringify([table])}\n`);
        if (measured.length === 0) return EXIT.ok;
      }
      if (flags.out === undefined)
        throw new MaskloomError('OPTION_INVALID', 'A run needs a folder.', {
          where: '--out',
          hint: 'Give a new folder to --out.',
        });
      const { count, seed, size, out } = flags;
      const data = flags.data === undefined ? undefined : chosenData(project, flags.data).folder;
      const bundles = chosenBundles(project, flags.bundle);
      return whenInterrupted(terminal, out, async () => {
        const result = await runTables({
          tables: measured.flatMap((id) => tablesNamed(id, project)),
          workspace: project,
          out,
          device: chosenDevice(project, flags.device),
          workers: flags.workers ?? project.config.defaults?.workers ?? 1,
          command: commandLine(ids, flags),
          switches: readSwitches(flags.switches, flags.answers),
          ...dataChoice(flags),
          size: parseSize(size),
          signal: terminal.signal,
          takeOver: flags.takeOver ?? false,
          ...(flags.maxPixels === undefined ? {} : { maxPixels: flags.maxPixels }),
          ...(data === undefined ? {} : { data }),
          ...(bundles === undefined ? {} : { bundles }),
          ...(count === undefined ? {} : { count }),
          ...(seed === undefined ? {} : { seed }),
          onNote: (note) => terminal.note(note),
          onProgress: (line) => terminal.progress(line),
          onUnits: unitProgress(terminal),
        });
        if (measured.length < ids.length || ids.includes('rose')) writeCapabilities(project.registry, out);
        if (flags.json === true) terminal.out(`${JSON.stringify(result.tables)}\n`);
        else terminal.out(`${result.tables.map(tableText).join('\n')}\n`);
        return showOutcome(terminal, result, out, flags.json === true);
      });
    }),
  );
}

function tablesNamed(id: string, project: Workspace): ReturnType<typeof shippedAblations> {
  const own = ownTables(project, id);
  if (own.length > 0) return own;
  const ofPaper = shippedAblations().filter((ablation) => ablation.id.startsWith(`${id}/`));
  return ofPaper.length > 0 ? ofPaper : [ablationNamed(id)];
}

/** The command without what does not change its results: folder of the run, workers, form of the output. */
function commandLine(ids: readonly string[], flags: AblateFlags): string {
  const { data, bundle, device, count, seed, size, answers, switches } = flags;
  const words = ['maskloom ablate', ...ids];
  if (data !== undefined) words.push(`--data ${data}`);
  words.push(...dataWords(flags));
  for (const one of bundle ?? []) words.push(`--bundle ${one}`);
  if (device !== undefined && device !== 'auto') words.push(`--device ${device}`);
  if (count !== undefined) words.push(`--count ${count}`);
  if (seed !== undefined) words.push(`--seed ${seed}`);
  if (size !== '128') words.push(`--size ${size}`);
  if (answers !== undefined) words.push(`--answers ${answers}`);
  if (switches !== undefined) words.push(`--switches ${switches.join(',')}`);
  return [...words, '--out RUN'].join(' ');
}

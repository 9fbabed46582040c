import type { Command } from 'commander';
import { MaskloomError } from '@maskloom/core';
import { ablationNamed, capabilityText, shippedAblations } from '@maskloom/eval';
import { CAPABILITIES, writeCapabilities } from '../evaluate/capabilities.js';
import { chosenData, ownTables } from '../config/choices.js';
import type { OpenWorkspace, Workspace } from '../config/workspace.js';
import { runTables } from '../evaluate/run-tables.js';
import { showOutcome, showTables, whenInterrupted } from '../evaluate/show-run.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { addDataOptions, addStrict, dataChoice, dataWords, type DataFlags } from './data-options.js';
import type { Finish } from './finish.js';
import { optionWords } from './option-words.js';
import { parseSize, parseWhole } from './parse.js';
import { addRunOptions, runChoice, runWords, type RunFlags } from './run-options.js';
import { given } from '../given.js';

interface AblateFlags extends DataFlags, RunFlags {
  readonly list?: boolean;
  readonly out?: string;
  readonly data?: string;
  readonly count?: number;
  readonly seed?: number;
  readonly size: string;
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
    .option('--count <n>', "images of each part (default: the table's own number)", parseWhole('--count', 1))
    .option(
      '--seed <n>',
      "first seed of generated scenes (default: the table's own)",
      parseWhole('--seed', 0),
    )
    .option('--size <size>', 'pixels of generated scenes: 128, or 160x96', '128');
  addStrict(
    addDataOptions(addRunOptions(command, 'ablations, the rows of the tables, where installed, then tiny')),
  ).action(
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
      return whenInterrupted(terminal, out, async () => {
        const result = await runTables({
          tables: measured.flatMap((id) => tablesNamed(id, project)),
          ...(await runChoice(flags, project, terminal)),
          ...dataChoice(flags),
          out,
          command: commandLine(ids, flags),
          size: parseSize(size),
          ...given({ data, count, seed }),
        });
        if (measured.length < ids.length || ids.includes('rose')) writeCapabilities(project.registry, out);
        showTables(terminal, result.tables, flags.json);
        return showOutcome(terminal, result, flags.json === true ? undefined : out);
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
  const { data, count, seed, size } = flags;
  return [
    'maskloom ablate',
    ...ids,
    ...optionWords({ data }),
    ...dataWords(flags),
    ...optionWords({ count, seed, size: size === '128' ? undefined : size }),
    ...runWords(flags),
    '--out RUN',
  ].join(' ');
}

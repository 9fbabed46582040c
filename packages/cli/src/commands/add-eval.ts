import type { Command } from 'commander';
import { MASK_FORMS, type MaskForm } from '@maskloom/data';
import { MaskloomError } from '@maskloom/core';
import { chosenData } from '../config/choices.js';
import type { OpenWorkspace, Workspace } from '../config/workspace.js';
import { runEval } from '../evaluate/run-eval.js';
import { saveRunMasks } from '../evaluate/save-run-masks.js';
import { showOutcome, showTables, whenInterrupted } from '../evaluate/show-run.js';
import { temporaryRun } from '../evaluate/temporary-run.js';
import { reserveFile } from '../output/staged-file.js';
import { showPlan } from '../queue/show-plan.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import { needFolder, parseSave } from './add-convert.js';
import { addDataOptions, addStrict, dataChoice, dataWords, type DataFlags } from './data-options.js';
import type { Finish } from './finish.js';
import { optionWords } from './option-words.js';
import { parseList, parseWhole } from './parse.js';
import { addRunOptions, runChoice, runWords, type RunFlags } from './run-options.js';
import { given } from '../given.js';

interface EvalFlags extends DataFlags, RunFlags {
  readonly data: string;
  readonly system?: readonly string[];
  readonly systems?: readonly string[];
  readonly format?: string;
  readonly split?: string;
  readonly limit?: number;
  readonly out?: string;
  readonly save?: readonly MaskForm[];
  readonly plan?: boolean;
  readonly times?: string;
  readonly assume?: readonly string[];
}

/** `maskloom eval`: held-out figures, printed, as a JSON file, or as a run that can be interrupted. */
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
    .option('--data <dir>', 'any data set, or a folder that `data synth` wrote')
    .option(
      '--systems <a,b,...>',
      'systems, recipes or all (default: every recipe of the bundles that can be asked)',
      parseList,
    )
    .option('--system <a,b,...>', 'the same', parseList)
    .option('--format <format>', 'form of a real data set, as `data check --format` names it')
    .option('--split <split>', 'part of a real data set, e.g. val')
    .option('--limit <n>', 'the first images only', parseWhole('--limit', 1))
    .option(
      '--out <place>',
      'a folder keeps the run; FILE.json takes its tables, the same figures (default: they are printed alone)',
    )
    .option(
      '--save <a,b,...>',
      `write the masks found into the run's folder too: ${Object.keys(MASK_FORMS).join(', ')}`,
      parseSave,
    )
    .option(
      '--plan',
      'predict the run over a queue for --workers 1..512, from the units that --out has measured',
    )
    .option('--times <file>', 'a JSON table of times in place of a run (with --plan)')
    .option(
      '--assume <a=n,...>',
      'start (s), coordinator (ms a unit), group (ms), bandwidth (MB/s), memory (GB a worker), price (an hour; with --plan)',
      parseList,
    );
  addStrict(addDataOptions(addRunOptions(command, 'tiny, what `compare` and `segment` run'))).action(
    finish(async (given: Partial<EvalFlags>) => {
      const { out, save, data } = given;
      if (given.plan === true) {
        terminal.out(await planned(given));
        return EXIT.ok;
      }
      if (data === undefined) throw missing('--data', 'Name the folder of a data set.');
      const flags: EvalFlags = { ...given, data };
      const project = await workspace();
      if (out !== undefined && !out.endsWith('.json'))
        return whenInterrupted(terminal, out, () => measure(terminal, flags, out, project));
      needFolder({ ...(save === undefined ? {} : { save }) });
      // Before the work, not after it: is there a place for the result?
      const file = out === undefined ? undefined : reserveFile(out);
      using scratch = temporaryRun();
      return measure(terminal, flags, scratch.path, project, (tables) => {
        file?.write(tables);
        if (out !== undefined && flags.json !== true) terminal.out(`figures: ${out}\n`);
      });
    }),
  );
}

function planned({ out, times, workers = [1, 512], assume = [] }: Partial<EvalFlags>): Promise<string> {
  if (out === undefined && times === undefined)
    throw missing('--out', 'Name the folder of a run, or --times.');
  const from = { ...(out === undefined ? {} : { run: out }), ...(times === undefined ? {} : { times }) };
  return showPlan({ workers, assume, ...from });
}

function missing(where: string, hint: string): MaskloomError {
  return new MaskloomError('OPTION_INVALID', `${where} is needed.`, { where, hint });
}

/** @param onTables - takes the tables as JSON, where no run is kept */
async function measure(
  terminal: Terminal,
  flags: EvalFlags,
  folder: string,
  project: Workspace,
  onTables?: (json: string) => void,
): Promise<number> {
  const known = chosenData(project, flags.data);
  const { format, split } = { ...known, ...flags };
  const systems = flags.system ?? flags.systems;
  const result = await runEval({
    ...(await runChoice(flags, project, terminal)),
    ...dataChoice(flags),
    data: known.folder,
    out: folder,
    command: commandLine(flags, systems, onTables === undefined),
    ...given({ systems, format, split, count: flags.limit }),
  });
  const { json = false } = flags;
  showTables(terminal, result.tables, json);
  if (onTables === undefined && flags.save !== undefined && flags.save.length > 0) {
    const saved = await saveRunMasks(folder, flags.save, terminal.signal);
    if (!json) terminal.out(`masks: ${saved}\n`);
  }
  onTables?.(`${JSON.stringify(result.tables, undefined, 1)}\n`);
  return showOutcome(terminal, result, onTables === undefined && !json ? folder : undefined);
}

function commandLine(flags: EvalFlags, systems: readonly string[] | undefined, kept: boolean): string {
  const { data, format, split, limit } = flags;
  return [
    'maskloom eval',
    `--data ${data}`,
    ...optionWords({ system: systems, format, split }),
    ...dataWords(flags),
    ...optionWords({ limit }),
    ...runWords(flags),
    ...(kept ? ['--out RUN'] : []),
  ].join(' ');
}

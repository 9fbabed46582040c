import type { Command } from 'commander';
import { MaskloomError, suggest } from '@maskloom/core';
import { figureTables, type Ablation } from '@maskloom/eval';
import { chosenBundles } from '../config/choices.js';
import type { OpenWorkspace } from '../config/workspace.js';
import { shippedBundles } from '../evaluate/run-bundles.js';
import { runTables } from '../evaluate/run-tables.js';
import { showOutcome, showTables, whenInterrupted } from '../evaluate/show-run.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';
import { optionWords } from './option-words.js';
import { parseWhole } from './parse.js';
import { addRunOptions, runChoice, runWords, type RunFlags } from './run-options.js';

interface FiguresFlags extends RunFlags {
  readonly out: string;
  readonly count?: number;
}

/** `maskloom figures`: what the README prints of the embedded bundle, measured again, controls included. */
export function addFigures(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  const command = program
    .command('figures')
    .description(
      "Measure the README's figures of every system again, with their controls; an interrupted run goes on.",
    )
    .argument('[names...]', 'referring, several, prompts, free-names, descriptions (default: all)')
    .requiredOption(
      '--out <dir>',
      'folder of the run: new, or that of an interrupted run, which then goes on',
    )
    .option('--count <n>', 'held-out scenes (default: 500, as in the README)', parseWhole('--count', 1));
  addRunOptions(command, 'tiny').action(
    finish(async (names: readonly string[], flags: FiguresFlags) => {
      const { out, count, json = false } = flags;
      const project = await workspace();
      const tables = names.length === 0 ? figureTables() : names.map(tableNamed);
      return whenInterrupted(terminal, out, async () => {
        const result = await runTables({
          ...(await runChoice(flags, project, terminal)),
          bundles: chosenBundles(project, flags.bundle) ?? shippedBundles(),
          tables,
          out,
          command: commandLine(names, flags),
          ...(count === undefined ? {} : { count }),
        });
        showTables(terminal, result.tables, json);
        return showOutcome(terminal, result, json ? undefined : out);
      });
    }),
  );
}

function tableNamed(name: string): Ablation {
  const all = figureTables();
  const found = all.find(({ id }) => id === name || id === `figures/${name}`);
  if (found !== undefined) return found;
  throw new MaskloomError('OPTION_INVALID', `There are no figures called '${name}'.`, {
    where: 'figures',
    hint: suggest(
      name,
      all.map(({ id }) => id.replace('figures/', '')),
    ),
  });
}

function commandLine(names: readonly string[], flags: FiguresFlags): string {
  return [
    'maskloom figures',
    ...names,
    ...optionWords({ count: flags.count }),
    ...runWords(flags),
    '--out RUN',
  ].join(' ');
}

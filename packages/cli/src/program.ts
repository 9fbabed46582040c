import { oneLine } from '@maskloom/core';
import { Command, CommanderError } from 'commander';
import { addAblate } from './commands/add-ablate.js';
import { addBundles } from './commands/add-bundles.js';
import { addCompare } from './commands/add-compare.js';
import { addConvert } from './commands/add-convert.js';
import { addData } from './commands/add-data.js';
import { addEval } from './commands/add-eval.js';
import { addFigures } from './commands/add-figures.js';
import { addDescribe } from './commands/add-describe.js';
import { addDiff } from './commands/add-diff.js';
import { addDoctor } from './commands/add-doctor.js';
import { addMetrics } from './commands/add-metrics.js';
import { addRefine } from './commands/add-refine.js';
import { addQueue } from './commands/add-queue.js';
import { addReport } from './commands/add-report.js';
import { addSegment } from './commands/add-segment.js';
import { addStudio } from './commands/add-studio.js';
import { addSystems } from './commands/add-systems.js';
import { addWorker } from './commands/add-worker.js';
import { addHub } from './hub/add-hub.js';
import { openWorkspace, type OpenWorkspace, type Workspace } from './config/workspace.js';
import { createFinish } from './commands/finish.js';
import { debugDetails, describeFailure, EXIT, exitCodeOf } from './terminal/failure.js';
import type { Terminal } from './terminal/terminal.js';
import { VERSION } from './version.js';

/**
 * Runs the `maskloom` command. Never throws: failures become one line on the terminal and an exit code
 * (0 done, 1 failed, 2 called wrongly, 130 interrupted).
 * @param args - what stands after the command's name
 */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { finish, code } = createFinish();
  const program = new Command('maskloom')
    .description('Segmentation systems as composable stages, side by side on your images.')
    .version(VERSION)
    .option(
      '--config <file>',
      "the project's configuration (default: the nearest maskloom.config.* from here upwards)",
    )
    .option('--plugin <module>', 'a module that exports plugins, may be repeated', collect)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => noteLines(terminal, text.trimEnd()),
      outputError: (text, write) => write(`OPTION_INVALID: ${oneLine(text.replace(/^error: /, ''))}`),
    });
  let opened: Promise<Workspace> | undefined;
  const workspace: OpenWorkspace = () => {
    const { config, plugin } = program.opts<{
      readonly config?: string;
      readonly plugin?: readonly string[];
    }>();
    return (opened ??= openWorkspace({ config, plugins: plugin }));
  };
  for (const add of [
    addCompare,
    addSegment,
    addRefine,
    addStudio,
    addConvert,
    addDescribe,
    addSystems,
    addBundles,
    addHub,
    addData,
    addEval,
    addFigures,
    addMetrics,
    addAblate,
    addReport,
    addDiff,
    addWorker,
    addQueue,
    addDoctor,
  ])
    add(program, terminal, finish, workspace);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (terminal.signal.aborted) {
      terminal.note('interrupted; nothing was written');
      return EXIT.interrupted;
    }
    terminal.note(`maskloom: ${describeFailure(error)}`);
    const details = debugDetails(error);
    if (details !== undefined) noteLines(terminal, details);
    return exitCodeOf(error);
  }
}

function collect(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one];
}

function noteLines(terminal: Terminal, text: string): void {
  for (const line of text.split('\n')) terminal.note(line);
}

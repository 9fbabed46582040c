import { oneLine } from '@maskloom/masks';
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands/commands.js';
import { createFinish } from './commands/finish.js';
import type { OpenWorkspace, Workspace } from './config/workspace.js';
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
  const program = withGlobalOptions(new Command('maskloom'))
    .description('Segmentation systems as composable stages, side by side on your images.')
    .version(VERSION)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => command.name() })
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
    return (opened ??= import('./config/workspace.js').then(({ openWorkspace }) =>
      openWorkspace({ config, plugins: plugin }),
    ));
  };
  try {
    const used = nameOfCommand(args);
    for (const { name, summary, load } of COMMANDS) {
      if (name === used) (await load())(program, terminal, finish, workspace);
      else program.command(name).description(summary);
    }
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

/** The options that stand before a command. */
function withGlobalOptions(program: Command): Command {
  return program
    .option(
      '--config <file>',
      "the project's configuration (default: the nearest maskloom.config.* from here upwards)",
    )
    .option('--plugin <module>', 'a module that exports plugins, may be repeated', collect);
}

/** Which command's files are needed: the one called, or the one that `help` is asked for. */
function nameOfCommand(args: readonly string[]): string | undefined {
  try {
    const silent = { writeErr: () => undefined };
    const looking = withGlobalOptions(new Command()).exitOverride().configureOutput(silent);
    const [first, second] = looking.parseOptions([...args]).operands;
    return first === 'help' ? second : first;
  } catch {
    return undefined; // an option without its value: the program itself will say so
  }
}

function collect(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one];
}

function noteLines(terminal: Terminal, text: string): void {
  for (const line of text.split('\n')) terminal.note(line);
}

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { processTerminal } from '../terminal/terminal.js';
import { COMMANDS } from './commands.js';
import { createFinish } from './finish.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** As an import hook: says which files were asked for. */
const NOTE = `data:text/javascript,
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(
    'import { writeSync } from "node:fs"; export async function load(url, context, next) { writeSync(2, url + "\\\\n"); return next(url, context); }'
  ));`.replaceAll('\n', '');

describe('the list of commands', () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'calls and describes %s as it does itself',
    async (name, { summary, load }) => {
      const program = new Command();
      const terminal = processTerminal(new AbortController().signal);
      const nothing = () => Promise.reject(new Error('not asked for'));
      (await load())(program, terminal, createFinish().finish, nothing);
      expect(program.commands.map((one) => [one.name(), one.description()])).toEqual([[name, summary]]);
    },
    60_000, // the first one compiles half of the SDK
  );

  it('is shown without the files of any command', () => {
    const args = ['--no-warnings', '--import', NOTE, MAIN, '--help'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    for (const { name, summary } of COMMANDS) {
      const [, rest] = stdout.split(`\n  ${name} `);
      expect(rest?.trimStart().replace(/\s+/g, ' ')).toContain(summary.slice(0, 30));
    }
    const files = stderr.split('\n').filter((line) => line.startsWith('file:'));
    expect(files.some((file) => file.endsWith('cli/dist/program.js'))).toBe(true);
    expect(files.filter((file) => /inversify|zod|\/core\/|\/runtime\/|\/eval\/|sharp/.test(file))).toEqual(
      [],
    );
    expect(files.length).toBeLessThan(80);
  });

  it.each([
    ['segment', '--help'],
    ['help', 'segment'],
    ['--config', 'none.json', 'segment', '--help'],
  ])('reads the one that is called: %s %s', (...args) => {
    const { stdout } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
    expect(stdout).toContain('Usage: maskloom segment [options] <image>');
    expect(stdout).toContain('--system <system>');
  });
});

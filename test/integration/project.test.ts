// A project of one's own beside the command: its configuration, stages, data and tables, in worker processes too.
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const root = mkdtempSync(join(tmpdir(), 'maskloom-project-'));
const project = join(root, 'project');
const below = join(project, 'notes/today');

/** Runs the command in a process of its own, somewhere below the project. */
function maskloom(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const command = [join(ROOT, 'packages/cli/dist/main.js'), ...args];
    execFile(process.execPath, command, { cwd: below }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

beforeAll(async () => {
  cpSync(join(import.meta.dirname, 'project'), project, { recursive: true });
  mkdirSync(below, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  await maskloom('data', 'synth', '--out', join(project, 'scenes'), '--count', '3', '--seed', '8210000');
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a project with a configuration', () => {
  it('is found from a folder below it, and lists its tables', async () => {
    const { code, stdout, stderr } = await maskloom('ablate', '--list');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/mine\/points +Where points come from/);
  });

  it('measures its own stage in worker processes, by the names of its table and data', async () => {
    const { code, stderr } = await maskloom(
      'ablate',
      'mine/points',
      '--data',
      'scenes',
      '--out',
      'run',
      '--workers',
      '2',
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const [table] = JSON.parse(`[${readFileSync(join(below, 'run/tables/mine-points.json'), 'utf8')}]`) as [
      { rows: { cells: { state: string; measured: number | null }[] }[]; devices: string[] },
    ];
    const [similar, middle] = table.rows.map(({ cells }) => cells[0]);
    expect(similar?.state).toBe('measured');
    expect(middle?.state).toBe('measured');
    expect(similar?.measured).toBeGreaterThan(middle?.measured ?? Infinity);
    expect(table.rows[0]?.cells[1]?.state).toBe('nothing counted');
    expect(table.devices).toEqual(['cpu', 'js']);
    for (const form of ['md', 'csv', 'tex', 'txt', 'html'])
      expect(readFileSync(join(below, `run/tables/mine-points.${form}`), 'utf8')).not.toContain('undefined');
  });

  it('computes the rows of a stage anew when its code has changed, and those rows alone', async () => {
    const ledger = join(below, 'run/ledger.jsonl');
    const lines = (): number => readFileSync(ledger, 'utf8').trimEnd().split('\n').length;
    const before = lines();
    await maskloom('ablate', 'mine/points', '--data', 'scenes', '--out', 'run');
    expect(lines()).toBe(before);
    const source = join(project, 'middle.ts');
    writeFileSync(source, readFileSync(source, 'utf8').replace('side * share', 'side * share * 1'));
    await maskloom('ablate', 'mine/points', '--data', 'scenes', '--out', 'run');
    expect(lines()).toBe(before + 3);
  });

  it('names what is unknown, and the nearest, before any unit is computed', async () => {
    const config = join(project, 'maskloom.config.ts');
    const text = readFileSync(config, 'utf8');
    const wrong = async (from: string, to: string): Promise<string> => {
      writeFileSync(config, text.replace(from, to));
      const { code, stderr } = await maskloom('ablate', 'mine/points', '--out', 'wrong');
      writeFileSync(config, text);
      expect(code).not.toBe(0);
      expect(existsSync(join(below, 'wrong/ledger.jsonl'))).toBe(false);
      return stderr;
    };
    expect(await wrong("points('newcomer/central-point')", "points('newcomer/centrl-point')")).toContain(
      "VALUE_INVALID: There is no stage 'newcomer/centrl-point'. (at newcomer/centrl-point) Did you mean 'newcomer/central-point'?",
    );
    expect(await wrong("'read/points', overrides", "'read/pionts', overrides")).toContain(
      "Did you mean 'read/points'?",
    );
    expect(await wrong("'newcomer/central-point')", "'newcomer/central-point', { att: 0.2 })")).toMatch(
      /OPTION_INVALID.*att.*Did you mean 'at'/,
    );
    expect(await wrong('defaults: {', 'default: {')).toMatch(
      /CONFIG_INVALID.*default.*Did you mean 'defaults'/,
    );
    expect(await wrong("'./central-point.ts'", "'./no-such.ts'")).toMatch(/PLUGIN_INVALID.*no-such/);
  });

  it('says where a configuration was looked for that is not there', async () => {
    const { code, stderr } = await maskloom('systems', '--config', 'nowhere.ts');
    expect(code).toBe(2);
    expect(stderr).toContain('CONFIG_INVALID: There is no such configuration file. (at nowhere.ts)');
  });

  it('takes a plugin by name on the command line, and says which bundle has which weights', async () => {
    const { stdout } = await maskloom(
      'systems',
      '--plugin',
      '../../central-point.ts',
      '--config',
      '../../empty.json',
    );
    expect(stdout).toBe('');
    writeFileSync(join(project, 'empty.json'), '{}');
    const listed = await maskloom(
      'systems',
      '--plugin',
      '../../central-point.ts',
      '--config',
      '../../empty.json',
      '--json',
    );
    const systems = JSON.parse(listed.stdout) as { recipes: { id: string; weights: string[] }[] }[];
    const weights = Object.fromEntries(
      systems.flatMap(({ recipes }) => recipes.map((one) => [one.id, one.weights])),
    );
    expect(weights['read/full']).toContain('tiny');
    expect(weights['stacked-seg/dense']).not.toContain('tiny');
  });
});

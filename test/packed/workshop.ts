import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { freshEnvironment } from './environment.js';

const execute = promisify(execFile);

/** A project of a user, outside of the repository, whose packages come from the local registry alone. */
export class Workshop {
  private constructor(
    readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /**
   * Makes an empty project.
   * @param programs - a folder with another `node` or `npm` than this process's, searched first
   */
  static async open(programs?: string): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'maskloom-workshop-'));
    const environment = await freshEnvironment(inject('home'), inject('registry'));
    if (programs !== undefined) environment['PATH'] = `${programs}${delimiter}${environment['PATH']}`;
    const workshop = new Workshop(folder, environment);
    await workshop.write('package.json', JSON.stringify({ name: 'workshop', private: true, type: 'module' }));
    return workshop;
  }

  /**
   * `npm install` with default settings.
   * @returns what npm said, on both outputs
   */
  install(...packages: readonly string[]): Promise<string> {
    return this.#execute('npm', ['install', ...packages]).then(({ stdout, stderr }) => stdout + stderr);
  }

  /** Removes everything. */
  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Writes a file of the project. */
  async write(path: string, text: string): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Reads a file of the project. */
  read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8');
  }

  /**
   * Runs a command in the project.
   * @returns its standard output
   * @throws Error with its output when it fails
   */
  async run(command: string, ...args: readonly string[]): Promise<string> {
    return (await this.#execute(command, args)).stdout;
  }

  async #execute(command: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    try {
      const options = { cwd: this.folder, env: this.environment, maxBuffer: 64e6 };
      return await execute(command, args, options);
    } catch (error) {
      const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
      throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
    }
  }
}

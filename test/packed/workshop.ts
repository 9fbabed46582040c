import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The repository's root folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** Every package that npm delivers, in the order of their dependencies. */
const PACKAGES = [
  'packages/core',
  'packages/runtime',
  'packages/hub',
  'packages/plugins/sam',
  'packages/plugins/clip',
  'packages/plugins/llava',
  'packages/plugins/stacked-seg',
  'packages/plugins/read',
  'packages/plugins/rose',
  'packages/plugins/refine',
  'packages/plugins/lmseg',
  'packages/metrics',
  'packages/data',
  'packages/synth',
  'packages/report',
  'packages/eval',
  'packages/bundle-tiny',
  'packages/cli',
] as const;

/** A project outside of the repository, with the packages installed from tarballs. */
export class Workshop {
  private constructor(readonly folder: string) {}

  /** Packs everything, and installs it with what the guide tells the reader to install. */
  static async open(): Promise<Workshop> {
    const workshop = new Workshop(await mkdtemp(join(tmpdir(), 'maskloom-packed-')));
    try {
      await workshop.#install();
      return workshop;
    } catch (error) {
      await workshop.close();
      throw error;
    }
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
    try {
      const options = { cwd: this.folder, env: environment(), maxBuffer: 64e6 };
      return (await execute(command, args, options)).stdout;
    } catch (error) {
      const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
      throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
    }
  }

  async #install(): Promise<void> {
    const tarballs = join(this.folder, 'tarballs');
    await mkdir(tarballs);
    const names: string[] = [];
    for (const path of PACKAGES) {
      // Not by --workspaces: npm would then look for the root's own files.
      const packed = await execute(
        'npm',
        ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', tarballs],
        { cwd: join(ROOT, path), env: environment() },
      );
      const [tarball] = JSON.parse(packed.stdout) as readonly { readonly filename: string }[];
      if (tarball === undefined) throw new Error(`npm pack of ${path} named no tarball.`);
      names.push(`./tarballs/${tarball.filename}`);
    }
    await this.write('package.json', JSON.stringify({ name: 'workshop', private: true, type: 'module' }));
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    await this.run('npm', 'install', ...quiet, ...names, 'zod@4.6.7', '@types/node@20.19.43');
  }
}

/** This process's environment without what npm tells its scripts about the repository. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle|config_local_prefix|command|execpath)|INIT_CWD|NODE_OPTIONS|VITEST)/i.test(
        name,
      ),
  );
  return Object.fromEntries(inherited);
}

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const RUN = join(import.meta.dirname, 'run.mjs');

/** How a toy run is started. */
export interface ToyOptions {
  readonly folder: string;
  readonly scenes: number;
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Through a shell, e.g. to limit resources first. */
  readonly before?: string;
  /** Loads its modules only and begins when it is told to. */
  readonly waits?: boolean;
}

/** A toy run in a process of its own. */
export interface ToyProcess {
  readonly child: ChildProcess;
  /** Tells a process that waits to begin. */
  begin(): void;
  /** Units through so far. */
  units(): number;
  /** Resolves when so many units are through, or the process ends. */
  reached(units: number): Promise<void>;
  /** Exit code or signal, and standard error. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stderr: string;
  }>;
}

/** Starts a toy run. */
export function startToy({
  folder,
  scenes,
  workers = 1,
  env = {},
  before,
  waits = false,
}: ToyOptions): ToyProcess {
  const args = [RUN, folder, String(scenes), String(workers)];
  const options = {
    env: { ...process.env, TOY_LOG: logOf(folder), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  } as const;
  const child =
    before === undefined
      ? spawn(process.execPath, args, options)
      : spawn('bash', ['-c', `${before}; exec "$@"`, 'bash', process.execPath, ...args], options);
  let units = 0;
  let stderr = '';
  let wake: () => void = () => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    units += chunk.length;
    wake();
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Awaited<ToyProcess['ended']>>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stderr })),
  );
  child.stdin.on('error', () => undefined);
  const begin = (): void => void child.stdin.end('.');
  if (!waits) begin();
  const reached = (wanted: number): Promise<void> =>
    new Promise((resolve) => {
      wake = () => (units >= wanted ? resolve() : undefined);
      wake();
      void ended.then(() => resolve());
    });
  return { child, begin, units: () => units, reached, ended };
}

/** The file that toy workers write each unit into that they begin. */
export function logOf(folder: string): string {
  return `${folder}.log`;
}

/** Every unit that a worker began, in order. */
export function begunUnits(folder: string): readonly string[] {
  return readFileSync(logOf(folder), 'utf8').trim().split('\n');
}

/** The keys in a run's ledger, each as often as it is there. */
export function ledgerKeys(folder: string): readonly string[] {
  return readFileSync(join(folder, 'ledger.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line.slice(9)) as { readonly key: string }).key);
}

import { fork, type ChildProcess } from 'node:child_process';
import { MaskloomError, type ErrorCode } from '@maskloom/core';
import type { Json } from '../ledger/line.js';
import type { UnitFailure } from '../ledger/ledger.js';
import type { FromWorker, Job, ToWorker } from './messages.js';

/** How worker processes are started. */
export interface WorkerOptions {
  /** The module that calls `serveUnits`: a path or a `file:` URL. */
  readonly entry: string | URL;
  /** What each worker opens first. */
  readonly plan: Json;
  /** A unit that takes longer is ended with its process, in milliseconds; 10 minutes when absent. */
  readonly unitTimeoutMs?: number;
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that ended although there was work for it. */
export interface Death {
  /** The unit it was working on, when it had begun one. */
  readonly during: string | undefined;
  /** Exit code or signal, and the end of what it wrote to standard error. */
  readonly reason: string;
}

/** The last bytes of standard error that are kept: a native abort says there why. */
const STDERR_KEPT = 2000;
const UNIT_TIMEOUT_MS = 600_000;
/**
 * What a unit leaves behind is collected before it piles up over thousands of them: a small young part of the heap (in
 * megabytes), an old part that grows by less than a third between two collections.
 */
const HEAP_FLAGS = ['--max-semi-space-size=2', '--heap-growing-percent=30'];
/** glibc keeps free memory per arena, and makes eight of them per core; other systems ignore it. */
const ALLOCATOR = { MALLOC_ARENA_MAX: '2' };

/** A worker process and the jobs given to it, one at a time. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  #stderr = '';
  #onMessage: (message: FromWorker) => void = () => undefined;
  readonly #ended: Promise<string>;

  private constructor(child: ChildProcess, timeoutMs: number) {
    this.#child = child;
    this.#timeoutMs = timeoutMs;
    child.on('message', (message: FromWorker) => this.#onMessage(message));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /**
   * Starts a process and opens the plan in it.
   * @throws MaskloomError what the worker's opening throws, `WORKER_CRASHED` when it dies meanwhile
   */
  static async start(options: WorkerOptions): Promise<WorkerProcess> {
    const child = fork(options.entry, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...ALLOCATOR, ...process.env, ...options.env },
      execArgv: [...process.execArgv, ...HEAP_FLAGS],
    });
    const worker = new WorkerProcess(child, options.unitTimeoutMs ?? UNIT_TIMEOUT_MS);
    const opened = new Promise<void>((resolve, reject) => {
      worker.#onMessage = (message) => {
        if (message.type === 'hello') worker.#send({ type: 'open', plan: options.plan });
        else if (message.type === 'ready') resolve();
        else if (message.type === 'refused') reject(fromFailure(message.error));
      };
    });
    const died = worker.#ended.then((reason) => {
      throw new MaskloomError(
        'WORKER_CRASHED',
        `A worker process ended while it opened its models: ${worker.#because(reason)}`,
      );
    });
    try {
      await Promise.race([opened, died]);
    } catch (error) {
      worker.kill();
      throw error;
    } finally {
      died.catch(() => undefined);
      opened.catch(() => undefined);
    }
    return worker;
  }

  /**
   * Gives the process a job.
   * @param onUnit - told of each unit's outcome as it arrives
   * @returns nothing when every unit has an outcome, or how the process died
   */
  async run(
    job: Job,
    onUnit: (message: Extract<FromWorker, { readonly key: string }>) => void,
  ): Promise<Death | undefined> {
    let during: string | undefined;
    let late = false;
    let timer: NodeJS.Timeout | undefined;
    const rearm = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = true;
        this.kill();
      }, this.#timeoutMs);
    };
    const idle = new Promise<undefined>((resolve) => {
      this.#onMessage = (message) => {
        rearm();
        if (message.type === 'idle') resolve(undefined);
        else if (message.type === 'start') during = message.key;
        else if (message.type === 'done' || message.type === 'fault') {
          during = undefined;
          onUnit(message);
          this.#send({ type: 'next' });
        }
      };
    });
    rearm();
    this.#send({ type: 'job', job });
    try {
      return await Promise.race([
        idle,
        this.#ended.then((reason): Death => ({
          during,
          reason: late ? `no answer within ${this.#timeoutMs / 1000} s` : this.#because(reason),
        })),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process at once. Harmless when it has ended. */
  kill(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
  }

  /** The process's number. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  #send(message: ToWorker): void {
    // A failure to send shows as the end of the process.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #because(reason: string): string {
    const said = this.#stderr.trim().split('\n').slice(-3).join(' ').slice(-500);
    return said === '' ? reason : `${reason} (${said})`;
  }
}

/** An error that came from another process; its code was made there by the same version. */
function fromFailure({ code, message }: UnitFailure): MaskloomError {
  return new MaskloomError(code as ErrorCode, message);
}

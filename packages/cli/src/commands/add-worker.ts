import type { Command } from 'commander';
import type { DeviceChoice } from '@maskloom/core';
import type { DoorAddress } from '@maskloom/queue';
import type { OpenWorkspace } from '../config/workspace.js';
import { loadQueue } from '../queue/load-queue.js';
import { parseAddress } from '../queue/queue-options.js';
import { workerHost } from '../queue/worker-host.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';
import { parseDevice, parseWhole } from './parse.js';
import { given } from '../given.js';

interface WorkerFlags {
  readonly queue?: string | true;
  readonly concurrency?: number;
  readonly device?: DeviceChoice;
  readonly bundle?: readonly string[];
  readonly name?: string;
  readonly lockSeconds?: number;
  readonly metrics?: DoorAddress;
  readonly once?: boolean;
  readonly fetch?: boolean;
}

/** `maskloom worker`: does units of runs on other machines. */
export function addWorker(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  program
    .command('worker')
    .description('Do units of `eval --queue` and `ablate --queue` until interrupted.')
    .option('--queue [url]', 'redis://HOST:PORT/DB (default: $MASKLOOM_QUEUE_URL)')
    .option(
      '--concurrency <n>',
      'processes, each with its own models (default: 1)',
      parseWhole('--concurrency', 1),
    )
    .option('--device <device>', "auto, cpu, webgpu, cuda, coreml or dml (default: the run's)", parseDevice)
    .option(
      '--bundle <name|dir>',
      'a bundle that runs may need, may be repeated (default: those known here, then the coordinator)',
      (one: string, all: readonly string[] = []) => [...all, one],
    )
    .option('--name <name>', 'unique among the workers (default: of machine and process)')
    .option(
      '--lock-seconds <n>',
      'a worker that shows no sign of life for so long loses its group (default: 30)',
      parseWhole('--lock-seconds', 1),
    )
    .option('--metrics <host:port>', 'metrics for Prometheus', parseAddress('--metrics'))
    .option('--fetch', 'take pictures from the coordinator even where its path is on this machine too')
    .option('--once', 'end with the run')
    .action(
      finish(async (flags: WorkerFlags) => {
        const { queue, concurrency, device, name, lockSeconds, metrics, once } = flags;
        const { queuePlace, runQueueWorker } = await loadQueue();
        const { done, failed } = await runQueueWorker({
          place: queuePlace(typeof queue === 'string' ? queue : undefined),
          host: workerHost(await workspace(), flags.bundle),
          signal: terminal.signal,
          onNote: (note) => terminal.note(note),
          onUnits: (units) => terminal.progress(`${units.done} units, ${units.failed} failed`),
          ...given({ concurrency, device, name }),
          ...(lockSeconds === undefined ? {} : { lockMs: 1000 * lockSeconds }),
          ...given({ metrics, once, fetch: flags.fetch }),
        });
        terminal.out(`${done} units done, ${failed} failed\n`);
        return terminal.signal.aborted ? EXIT.interrupted : EXIT.ok;
      }),
    );
}

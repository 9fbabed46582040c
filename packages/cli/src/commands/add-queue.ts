import type { Command } from 'commander';
import type { QueueControl, QueueStatus } from '@maskloom/queue';
import { loadQueue } from '../queue/load-queue.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';

interface Flags {
  readonly queue?: string | true;
  readonly json?: boolean;
}

/** `maskloom queue`: looks at a queue and steers it. */
export function addQueue(program: Command, terminal: Terminal, finish: Finish): void {
  const group = program.command('queue').description('Look at the queue of a run, and steer it.');
  const add = (
    name: string,
    description: string,
    work: (control: QueueControl, flags: Flags) => Promise<void>,
  ): Command =>
    group
      .command(name)
      .description(description)
      .option('--queue [url]', 'redis://HOST:PORT/DB (default: $MASKLOOM_QUEUE_URL)')
      .action(
        finish(async (flags: Flags) => {
          const { queuePlace, QueueControl } = await loadQueue();
          await using control = await QueueControl.open(
            queuePlace(typeof flags.queue === 'string' ? flags.queue : undefined),
          );
          await work(control, flags);
          return EXIT.ok;
        }),
      );
  add(
    'status',
    'Groups that wait, workers that live, and whether the coordinator does.',
    async (control, { json }) => {
      const status = await control.status();
      terminal.out(json === true ? `${JSON.stringify(status)}\n` : statusText(status));
    },
  ).option('--json', 'as JSON');
  add('pause', 'Give out no more groups; those under way are finished.', async (control) => {
    await control.pause();
    terminal.out('paused; `maskloom queue resume` goes on\n');
  });
  add('resume', 'Give out groups again.', async (control) => {
    await control.resume();
    terminal.out('resumed\n');
  });
  add('drain', 'Pause, and wait until groups under way are finished.', async (control) => {
    await control.drain(terminal.signal, (active) => terminal.progress(`${active} groups under way`));
    terminal.out('drained: no group is under way; `maskloom queue resume` goes on\n');
  });
  add('clear', 'Remove everything of a run from the queue; its ledger stays.', async (control) => {
    await control.clear();
    terminal.out('cleared\n');
  });
}

function statusText(status: QueueStatus): string {
  const { run, coordinator, paused, waiting, active, failed, answers, workers, refused } = status;
  const head =
    run === undefined
      ? 'no run'
      : run === 'sealed'
        ? 'a run of another token'
        : `run ${run.slice(0, 8)}, coordinator ${coordinator ? 'lives' : 'away'}`;
  const lines = [
    `${head}${paused ? ', paused' : ''}`,
    `groups: ${waiting} waiting, ${active} under way, ${failed} failed; ${answers} answers waiting`,
  ];
  const table = formatTable([
    ['worker', 'machine', 'device', 'processes', 'busy', 'done', 'failed'],
    ...workers.map((one) => [
      one.name,
      one.host,
      one.device,
      `${one.concurrency}`,
      `${one.busy}`,
      `${one.done}`,
      `${one.failed}`,
    ]),
  ]);
  return [
    ...lines,
    ...(workers.length === 0 ? ['no workers'] : [table.trimEnd()]),
    ...Object.entries(refused).map(([name, reason]) => `refused: ${name}: ${reason}`),
    '',
  ].join('\n');
}

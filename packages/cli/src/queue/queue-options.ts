import type { Command } from 'commander';
import { MaskloomError } from '@maskloom/core';
import type { Dispatch } from '@maskloom/eval';
import type { DoorAddress } from '@maskloom/queue';
import { parseWhole } from '../commands/parse.js';
import type { Terminal } from '../terminal/terminal.js';
import { codeVersion } from './code-version.js';
import { loadQueue } from './load-queue.js';
import { given } from '../given.js';

/** Flags of a command that can give its units to a queue. */
export interface QueueFlags {
  readonly queue?: string | true;
  readonly serve?: DoorAddress;
  readonly serveUrl?: string;
  readonly metrics?: DoorAddress;
  readonly stalls?: number;
}

/** Adds the options of a coordinator. */
export function addQueueOptions(command: Command): Command {
  return command
    .option(
      '--queue [url]',
      'have workers of other machines do it, over Redis: redis://HOST:PORT/DB (default: $MASKLOOM_QUEUE_URL)',
    )
    .option(
      '--serve <host:port>',
      'give pictures and bundles to workers (with --queue)',
      parseAddress('--serve'),
    )
    .option('--serve-url <url>', 'what workers call that address, e.g. http://coordinator:8700')
    .option('--metrics <host:port>', 'metrics for Prometheus (with --queue)', parseAddress('--metrics'))
    .option(
      '--stalls <n>',
      'times that a group may be left by workers that died before it fails (with --queue; default: 3)',
      parseWhole('--stalls', 0),
    );
}

/**
 * What has a run's units done, as the flags say.
 * @returns `undefined` without `--queue`: this machine does them
 * @throws MaskloomError `OPTION_INVALID`
 */
export async function queueOf(flags: QueueFlags, terminal: Terminal): Promise<Dispatch | undefined> {
  const { queue, serve, serveUrl, metrics, stalls } = flags;
  if (queue === undefined) {
    const alone = (['serve', 'serveUrl', 'metrics', 'stalls'] as const).find(
      (name) => flags[name] !== undefined,
    );
    if (alone === undefined) return undefined;
    throw new MaskloomError(
      'OPTION_INVALID',
      `--${alone === 'serveUrl' ? 'serve-url' : alone} needs a queue.`,
      {
        where: '--queue',
        hint: 'Give redis://HOST:PORT/DB to --queue.',
      },
    );
  }
  const { queueDispatch, queuePlace } = await loadQueue();
  return queueDispatch({
    place: queuePlace(queue === true ? undefined : queue),
    code: codeVersion(),
    onNote: (note) => terminal.note(note),
    onWorkers: (count) => terminal.progress(`${count} ${count === 1 ? 'worker' : 'workers'}`),
    ...(serve === undefined
      ? {}
      : { serve: { ...serve, ...(serveUrl === undefined ? {} : { url: serveUrl }) } }),
    ...given({ metrics, stalls }),
  });
}

/** `PORT`, or `HOST:PORT`; this machine alone without a host. @throws MaskloomError `OPTION_INVALID` */
export function parseAddress(option: string): (text: string) => DoorAddress {
  return (text) => {
    const match = /^(?:(?<host>[\w.-]+|\[[\da-f:]+\]):)?(?<port>\d{1,5})$/i.exec(text);
    const port = Number(match?.groups?.['port']);
    if (match === null || port > 65_535)
      throw new MaskloomError('OPTION_INVALID', `'${text}' is no address.`, {
        where: option,
        hint: 'Write PORT for this machine alone, or HOST:PORT, e.g. 0.0.0.0:8700.',
      });
    return { host: (match.groups?.['host'] ?? '127.0.0.1').replaceAll(/[[\]]/g, ''), port };
  };
}

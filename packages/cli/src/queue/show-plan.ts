import { readFileSync } from 'node:fs';
import { MaskloomError, suggest } from '@maskloom/core';
import type { ClusterModel, GroupLoad, Prediction } from '@maskloom/queue';
import { z } from 'zod';
import { formatTable } from '../terminal/table.js';
import { loadQueue } from './load-queue.js';

/** Assumptions as `--assume` names them, in the units it takes: seconds, ms, MB/s, GB. */
const ASSUMED: Readonly<Record<string, number>> = {
  start: 10,
  coordinator: 0.5,
  group: 20,
  bandwidth: 100,
  memory: 1,
  price: 0,
};

const number = z.number().nonnegative();
const timesSchema = z.array(
  z.object({
    seconds: number,
    units: number,
    pictureBytes: number.default(0),
    answerBytes: number.default(0),
  }),
);

/** What a prediction is made from. */
export interface PlanRequest {
  /** Folder of a run with measured units. */
  readonly run?: string;
  /** JSON file in its place: a list of `{ seconds, units, pictureBytes, answerBytes }`, one per picture. */
  readonly times?: string;
  /** Fewest and most workers. */
  readonly workers: readonly [number, number];
  /** `name=value` each. */
  readonly assume: readonly string[];
}

/**
 * Predicts a run over a queue for 1, 2, 4, ... workers.
 * @returns lines for the reader
 * @throws MaskloomError `OPTION_INVALID`, `RUN_INVALID`
 */
export async function showPlan({ run, times, workers, assume }: PlanRequest): Promise<string> {
  const { measuredLoad, simulate } = await loadQueue();
  const loads = times === undefined ? await measuredLoad(run ?? '') : readTimes(times);
  const given = assumptions(assume);
  const model: ClusterModel = {
    startSeconds: given['start'] ?? 0,
    coordinatorSeconds: (given['coordinator'] ?? 0) / 1000,
    groupSeconds: (given['group'] ?? 0) / 1000,
    bandwidth: (given['bandwidth'] ?? 1) * 1e6,
    workerBytes: (given['memory'] ?? 0) * 1e9,
    price: given['price'] ?? 0,
  };
  const found = counts(workers).map((count) => simulate(loads, count, model));
  const units = loads.reduce((sum, one) => sum + one.units, 0);
  return [
    `${units} units on ${loads.length} pictures, ${times === undefined ? 'as measured' : 'as given'}. Assumed: ${Object.entries(
      given,
    )
      .map(([name, value]) => `${name}=${value}`)
      .join(', ')} (s, ms, ms, MB/s, GB, per hour).`,
    formatTable([
      ['workers', 'time', 'at work', 'memory', 'network', 'cost', 'limited by'],
      ...found.map(row),
    ]).trimEnd(),
    stopsAt(found),
    '',
  ].join('\n');
}

function row({ workers, seconds, efficiency, memory, network, cost, limit }: Prediction): readonly string[] {
  return [
    `${workers}`,
    seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 3600).toFixed(2)} h`,
    `${(100 * efficiency).toFixed(0)} %`,
    `${(memory / 1e9).toFixed(1)} GB`,
    `${(network / 1e6).toFixed(1)} MB`,
    cost.toFixed(2),
    limit,
  ];
}

/** Where twice the workers are less than 1.2 times as fast. */
function stopsAt(found: readonly Prediction[]): string {
  const last = found.find(({ seconds }, i) => {
    const next = found[i + 1];
    return next !== undefined && seconds / next.seconds < 1.2;
  });
  return last === undefined
    ? 'More workers go on helping as far as was looked.'
    : `Stops scaling at ${last.workers} ${last.workers === 1 ? 'worker' : 'workers'}: twice as many are less than 1.2 times as fast.`;
}

function counts([least, most]: readonly [number, number]): readonly number[] {
  const found: number[] = [];
  for (let count = least; count < most; count *= 2) found.push(count);
  return [...found, most];
}

function assumptions(texts: readonly string[]): Readonly<Record<string, number>> {
  const named = texts.map((text): readonly [string, number] => {
    const [name = '', value = ''] = text.split('=');
    const amount = Number(value);
    if (Object.hasOwn(ASSUMED, name) && value !== '' && amount >= 0 && Number.isFinite(amount))
      return [name, amount];
    throw new MaskloomError('OPTION_INVALID', `'${text}' is no assumption.`, {
      where: '--assume',
      hint: `${suggest(name, Object.keys(ASSUMED))} Write name=number.`,
    });
  });
  return { ...ASSUMED, ...Object.fromEntries(named) };
}

function readTimes(path: string): readonly GroupLoad[] {
  try {
    return timesSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new MaskloomError('OPTION_INVALID', 'The table of times cannot be read.', {
      where: path,
      hint: 'JSON: [{ "seconds": 12.5, "units": 10, "pictureBytes": 200000, "answerBytes": 5000 }, ...], one per picture.',
      cause,
    });
  }
}

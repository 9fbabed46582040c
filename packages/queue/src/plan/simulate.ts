/** What one picture's units take of each resource. */
export interface GroupLoad {
  /** Wall time of its units at a worker, seconds. */
  readonly seconds: number;
  /** Units. */
  readonly units: number;
  /** The picture's file, bytes; 0 where workers read it from a shared path. */
  readonly pictureBytes: number;
  /** Its answers, bytes. */
  readonly answerBytes: number;
}

/** What a cluster is assumed to be. */
export interface ClusterModel {
  /** A worker's start and the opening of its models, seconds. */
  readonly startSeconds: number;
  /** The coordinator's own work per unit, seconds: queue and ledger, one after the other. */
  readonly coordinatorSeconds: number;
  /** What a worker waits between two groups, seconds. */
  readonly groupSeconds: number;
  /** The coordinator's link, bytes per second. */
  readonly bandwidth: number;
  /** Memory of a worker, bytes. */
  readonly workerBytes: number;
  /** Price of a worker for an hour. */
  readonly price: number;
}

/** What a run is predicted to take. */
export interface Prediction {
  /** Workers. */
  readonly workers: number;
  /** Until the last outcome is in the ledger, seconds. */
  readonly seconds: number;
  /** Share of the workers' time that is spent on units, 0..1. */
  readonly efficiency: number;
  /** Over all workers, bytes. */
  readonly memory: number;
  /** Over the coordinator's link, bytes. */
  readonly network: number;
  /** In the unit of the price. */
  readonly cost: number;
  /** What takes the largest share of the time that workers do not work, or `workers` where they work nearly all of it. */
  readonly limit: 'workers' | 'start' | 'pictures' | 'ledger' | 'stragglers';
}

/** Above this share of work nothing else is named as the limit. */
const BUSY = 0.9;

/**
 * Plays a run: workers take groups in their order, pictures come one after the other over the coordinator's link, outcomes are
 * written one after the other.
 * @param workers - at least 1
 */
export function simulate(groups: readonly GroupLoad[], workers: number, model: ClusterModel): Prediction {
  const free = new Float64Array(workers).fill(model.startSeconds);
  const written: { readonly at: number; readonly units: number }[] = [];
  let link = 0;
  let waited = 0;
  let busy = 0;
  let network = 0;
  for (const { seconds, units, pictureBytes, answerBytes } of groups) {
    const worker = earliest(free);
    const begin = (free[worker] ?? 0) + model.groupSeconds;
    const bytes = pictureBytes + answerBytes;
    link = Math.max(link, begin) + bytes / model.bandwidth;
    const here = pictureBytes > 0 ? link : begin;
    waited += here - begin;
    busy += seconds;
    network += bytes;
    free[worker] = here + seconds;
    written.push({ at: here + seconds, units });
  }
  const ends = Math.max(...free);
  written.sort((a, b) => a.at - b.at);
  let ledger = 0;
  for (const { at, units } of written) ledger = Math.max(ledger, at) + units * model.coordinatorSeconds;
  const seconds = Math.max(ends, ledger);
  const idle = free.reduce((sum, at) => sum + (ends - at), 0);
  const shares = {
    start: workers * model.startSeconds,
    pictures: waited,
    ledger: workers * (seconds - ends),
    stragglers: idle,
  };
  const efficiency = busy / (workers * seconds);
  const [limit] = Object.entries(shares).sort((a, b) => b[1] - a[1])[0] as [Prediction['limit'], number];
  return {
    workers,
    seconds,
    efficiency,
    memory: workers * model.workerBytes,
    network,
    cost: (workers * seconds * model.price) / 3600,
    limit: efficiency > BUSY ? 'workers' : limit,
  };
}

function earliest(free: Float64Array): number {
  let found = 0;
  for (let i = 1; i < free.length; i++) if ((free[i] ?? 0) < (free[found] ?? 0)) found = i;
  return found;
}

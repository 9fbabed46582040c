import type { ModelHost } from '../ports/model-host.js';
import type { SlotName, SlotStages } from '../slots/slot-stages.js';
import type { RunContext, Stage } from '../slots/stage.js';
import type { Signal } from '../slots/signals.js';
import type { StageSpec } from '../slots/spec.js';
import type { ConformanceOptions } from './options.js';
import { countRuns } from './count-runs.js';
import { fakeHost } from './fake-host.js';
import { fakeRun } from './fake-run.js';
import { DEFAULT_SIZES, Fixture } from './fixture.js';

/** What a conformance case works with: a freshly made stage, inputs, and a run. */
export interface Bench<K extends SlotName> {
  readonly stage: SlotStages[K];
  readonly at: Fixture;
  readonly run: RunContext;
  readonly host: ModelHost;
  /** Model calls that have succeeded so far. */
  readonly runs: () => number;
  /** New inputs, equal to `at`'s. */
  readonly another: () => Fixture;
}

/** Makes the stage on its models, runs a case with it, and disposes of everything. */
export async function onBench<K extends SlotName>(
  spec: StageSpec<K, Signal, never>,
  options: ConformanceOptions<K>,
  [width, height]: readonly [number, number],
  body: (bench: Bench<K>) => Promise<void>,
): Promise<void> {
  const inner = await (options.host ?? fakeHost)();
  const { host, runs } = countRuns(inner);
  const lifetime = new AbortController();
  try {
    const stage: SlotStages[K] = await spec.create({
      models: host,
      signal: lifetime.signal,
      warn: () => undefined,
    });
    const sizes = { ...DEFAULT_SIZES, ...ownWidths(stage), ...options.sizes };
    const fixture = (): Fixture => new Fixture(width, height, sizes, options.tensor);
    const run = fakeRun({ scope: host.scope() });
    try {
      await body({ stage, at: fixture(), run, host, runs, another: fixture });
    } finally {
      run.scope.release();
      await stage.dispose?.();
    }
  } finally {
    lifetime.abort();
    await inner.dispose();
  }
}

function ownWidths({ widths = {} }: Stage): { hidden?: number; embedding?: number; text?: number } {
  const { hidden, embedding, text } = widths as { hidden?: number; embedding?: number; text?: number };
  return {
    ...(hidden === undefined ? {} : { hidden }),
    ...(embedding === undefined ? {} : { embedding }),
    ...(text === undefined ? {} : { text }),
  };
}

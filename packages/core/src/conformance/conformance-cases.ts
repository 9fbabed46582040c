import { MaskloomError } from '@maskloom/masks';
import { slotOf } from '../slots/slot-of.js';
import type { SlotName } from '../slots/slot-stages.js';
import type { Signal } from '../slots/signals.js';
import type { StageSpec } from '../slots/spec.js';
import { onBench, type Bench } from './bench.js';
import { canonical } from './canonical.js';
import { must } from './expectations.js';
import { fakeRun } from './fake-run.js';
import type { ConformanceOptions } from './options.js';
import type { ProbeOptions } from './probe.js';
import { probeOf } from './probe-of.js';

/** One case: run it inside a test of any runner. */
export interface ConformanceCase {
  /** What is checked, as a test's name. */
  readonly name: string;
  /** @throws MaskloomError CONFORMANCE_FAILED saying what the stage did wrong, or what the stage threw */
  run(): Promise<void>;
}

const SHAPES = { 'a square image': [64, 64], 'a wide image': [96, 40], 'a tall image': [40, 96] } as const;

/**
 * The cases that every stage of a slot must pass.
 *
 * @example
 * for (const { name, run } of conformanceCases('PointPrompter', myPoints())) test(name, run);
 * @param slot - the slot that the stage is for
 * @param spec - the stage, with its options
 * @param options - its models and the shapes that it insists on; the `probe` of a slot that another package defines
 * @throws MaskloomError VALUE_INVALID when the slot is another package's and no probe is given
 */
export function conformanceCases<K extends SlotName>(
  slot: K,
  spec: StageSpec<K, Signal, never>,
  options: ConformanceOptions<K> = {},
): readonly ConformanceCase[] {
  const probe = probeOf(slot, options.probe);
  const told: ProbeOptions = {
    prompts: options.prompts ?? promptsOf(spec.needs),
    text: options.text ?? 'the red cup',
    watch: options.watch ?? ['[SEG]'],
  };
  const suite: ConformanceCase[] = [];
  const add = (
    name: string,
    body: (bench: Bench<K>) => Promise<void>,
    shape: keyof typeof SHAPES = 'a square image',
  ): void => {
    suite.push({ name: `${spec.name}: ${name}`, run: () => onBench(spec, options, SHAPES[shape], body) });
  };

  add('says what it is', async ({ stage }) => {
    must(spec.slot === slot, `It fills ${spec.slot}, not ${slot}.`);
    const has: Readonly<Record<string, unknown>> = Object(stage);
    for (const call of slotOf(spec).calls ?? [])
      must(typeof has[call] === 'function', `It has no ${call}().`);
    for (const [name, width] of Object.entries(stage.widths ?? {}))
      must(Number.isInteger(width) && width > 0, `Its width ${name} is ${width}.`);
  });
  for (const shape of Object.keys(SHAPES) as (keyof typeof SHAPES)[]) {
    add(
      `keeps its contract on ${shape}`,
      async ({ stage, at, run }) => probe.check(await probe.call(stage, at, run, told), stage, at),
      shape,
    );
  }
  add('gives the same answer twice', async ({ stage, at, run, another }) => {
    const first = await canonical(await probe.call(stage, at, run, told));
    must(
      first === (await canonical(await probe.call(stage, another(), run, told))),
      'Equal inputs gave different answers.',
    );
  });
  add('leaves its inputs as they are', async ({ stage, at, run }) => {
    await probe.call(stage, at, run, told);
    must(!at.changed(), 'It changed what it was given.');
  });
  add('gives its tensors to the run', async ({ stage, at, run, host, another }) => {
    const before = host.liveTensors;
    await probe.call(stage, at, run, told);
    run.scope.release();
    const kept = host.liveTensors - before;
    if (kept <= 0) return;
    // What a stage keeps for the next run is a fixed amount, and goes with the stage.
    const next = fakeRun({ scope: host.scope() });
    await probe.call(stage, another(), next, told);
    next.scope.release();
    must(host.liveTensors - before <= kept, 'More tensors outlive every run.');
    await stage.dispose?.();
    await new Promise((resolve) => setImmediate(resolve));
    must(host.liveTensors <= before, `${host.liveTensors - before} tensors outlive the run and the stage.`);
  });
  add('starts no model once aborted', async ({ stage, at, host, runs }) => {
    const before = runs();
    const signal = AbortSignal.abort(new Error('conformance'));
    try {
      await probe.call(stage, at, fakeRun({ signal, scope: host.scope() }), told);
    } catch (error) {
      const isAbort =
        (MaskloomError.is(error) && error.code === 'ABORTED') ||
        error === signal.reason ||
        (error as Error).name === 'AbortError';
      must(isAbort, `It threw ${String(error)} instead of ABORTED.`);
    }
    must(runs() === before, `It started ${runs() - before} model calls after the abort.`);
  });
  add('can be disposed of twice', async ({ stage }) => {
    await stage.dispose?.();
    await stage.dispose?.();
  });
  for (const [name, body] of Object.entries(probe.extra ?? {}))
    add(name, ({ stage, at, run }) => body(stage, at, run, told));
  return suite;
}

function promptsOf(needs: readonly Signal[]): ProbeOptions['prompts'] {
  const kinds = (['points', 'box', 'embedding', 'mask'] as const).filter((kind) =>
    needs.includes(SIGNALS[kind]),
  );
  return kinds.length > 0 ? kinds : ['points', 'box', 'embedding', 'mask'];
}

const SIGNALS = {
  points: 'point-prompt',
  box: 'box-prompt',
  embedding: 'embedding-prompt',
  mask: 'mask-prompt',
} as const;

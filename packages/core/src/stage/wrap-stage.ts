import { MaskloomError, suggest } from '@maskloom/masks';
import { randomUUID } from 'node:crypto';
import type { CallOf } from '../slots/call-of.js';
import type { Signal } from '../slots/signals.js';
import type { SlotName, SlotStages } from '../slots/slot-stages.js';
import type { StageSpec } from '../slots/spec.js';
import { checkStageName } from './check-stage-name.js';
import { wrapObject } from './wrap-object.js';

type Callable = (...args: never[]) => unknown;

/**
 * What is done around the calls of a slot's stages: for each call that is wrapped, a function that gets the inner
 * stage and then the call's own arguments, and gives what the call gives.
 */
export type Around<K extends SlotName> = {
  readonly [M in CallOf<K>]?: NonNullable<SlotStages[K][M]> extends infer C extends Callable
    ? (inner: SlotStages[K], ...args: Parameters<C>) => ReturnType<C>
    : never;
};

/** How a wrapped stage is named in traces, provenance and reports. */
export interface WrapOptions {
  /** `package/stage`; the inner stage's name with `-wrapped` when absent. */
  readonly name?: string;
  /** Everything that changes what the wrapper does: part of provenance, and of the key that features are shared by. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * Puts code around the calls of a stage. Everything else is the inner stage's own: signals, widths, device, cache key,
 * further members and disposal. The wrapped stage fits wherever the inner one does, in any slot.
 *
 * A wrapped `encode` gives other features than the inner one, so its cache key has the wrapper's name and options added;
 * without a name it is shared with no other wrapper.
 *
 * @example
 * const smoothed = wrapStage(
 *   samMaskDecoder(),
 *   { decode: async (inner, ...args) => smooth(await inner.decode(...args)) },
 *   { name: 'my-lab/smoothed-masks' },
 * );
 * @param spec - the stage to wrap
 * @param around - by the name of the call
 * @param naming - a name and options of its own
 * @throws MaskloomError VALUE_INVALID on a name that is not `package/stage`; `create` throws STAGE_MISMATCH when a
 * wrapped call is not one of the inner stage's
 */
export function wrapStage<K extends SlotName, N extends Signal, G extends Signal>(
  spec: StageSpec<K, N, G>,
  around: NoInfer<Around<K>>,
  naming: WrapOptions = {},
): StageSpec<K, N, G> {
  const { name = `${spec.name}-wrapped`, options = {} } = naming;
  checkStageName(name, spec.slot);
  // A wrapper without a name says nothing about what it does: its features are like no other's.
  const key = naming.name === undefined ? randomUUID() : `${name} ${JSON.stringify(options)}`;
  const calls = around as Readonly<Record<string, Callable | undefined>>;
  return Object.freeze({
    ...spec,
    name,
    options: Object.freeze({ ...options, wraps: { stage: spec.name, options: spec.options } }),
    create: async (context) => wrapped(await spec.create(context), calls, name, key),
  } satisfies StageSpec<K, N, G>);
}

function wrapped<S extends object>(
  inner: S,
  around: Readonly<Record<string, Callable | undefined>>,
  name: string,
  key: string,
): S {
  const has: Readonly<Record<string, unknown>> = Object(inner);
  const chosen = Object.keys(around).filter((call) => around[call] !== undefined);
  for (const call of chosen) {
    if (typeof has[call] === 'function') continue;
    throw new MaskloomError(
      'STAGE_MISMATCH',
      `${name} wraps ${call}(), which the stage inside does not have.`,
      {
        where: name,
        hint: suggest(call, callsOf(inner)),
      },
    );
  }
  const stand = wrapObject(inner, chosen, (call, args) =>
    (around[call] as (...args: unknown[]) => unknown)(inner, ...args),
  );
  if (!chosen.includes('encode') || typeof has['cacheKey'] !== 'string') return stand;
  return Object.create(stand, { cacheKey: { value: `${has['cacheKey']} ${key}`, enumerable: true } }) as S;
}

/** The names of an object's methods, inherited ones included. */
function callsOf(stage: object): readonly string[] {
  const names = new Set<string>();
  for (let at: object | null = stage; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  return [...names].filter((name) => typeof (stage as Record<string, unknown>)[name] === 'function');
}

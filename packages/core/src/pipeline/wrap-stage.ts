import type { FeatureLease, FeatureRequest } from '../cache/feature-cache.js';
import type { FeatureMap } from '../domain/feature-map.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Encoder } from '../slots/encoder.js';
import type { RunContext, Stage } from '../slots/stage.js';
import type { RunContexts } from './run-contexts.js';
import type { CallNotes, RunTrace, TracedStage } from './run-trace.js';
import { SESSION_CALLS, SLOT_CALLS } from './slot-calls.js';
import { wrapObject } from './wrap-object.js';

/** How wrapped stages of one run reach its trace, contexts and cache. */
export interface RunWiring {
  readonly trace: RunTrace;
  readonly contexts: RunContexts;
  /** Present when the run has a feature cache; the run releases the leases. */
  readonly lease?: (
    request: Pick<FeatureRequest, 'key' | 'image' | 'run' | 'encode'>,
  ) => Promise<FeatureLease>;
}

/**
 * A stage as one run sees it: the calls of its slot's contract are traced, everything else is its own.
 * @param stage - the built stage
 * @param traced - its slot and name
 * @param wiring - the run
 */
export function wrapStage<S extends Stage>(stage: S, traced: TracedStage, wiring: RunWiring): S {
  return traceMethods(stage, SLOT_CALLS[traced.slot], traced, wiring, async (method, args, call, notes) => {
    if (method === 'encode' && wiring.lease !== undefined) {
      return cachedEncode(stage as unknown as Encoder, args, call, notes, wiring.lease);
    }
    const result = await call(args);
    const calls = SESSION_CALLS[traced.slot];
    if (calls === undefined || typeof result !== 'object' || result === null) return result;
    return traceMethods(result, calls, traced, wiring, (_, given, session) => session(given));
  });
}

type Around = (
  method: string,
  args: unknown[],
  call: (args: unknown[]) => unknown,
  notes: CallNotes,
) => unknown;

function traceMethods<T extends object>(
  target: T,
  methods: readonly string[],
  traced: TracedStage,
  { trace, contexts }: RunWiring,
  around: Around,
): T {
  return wrapObject(target, methods, (method, args, call) =>
    trace.call(traced, method, (notes) => {
      const own = args.map((arg) => (contexts.owns(arg) ? contexts.forCall(arg, traced, notes) : arg));
      return around(method, own, call, notes);
    }),
  );
}

async function cachedEncode(
  encoder: Encoder,
  args: unknown[],
  call: (args: unknown[]) => unknown,
  notes: CallNotes,
  lease: NonNullable<RunWiring['lease']>,
): Promise<FeatureMap> {
  const [image, run] = args as [ImageFrame, RunContext];
  const { features, hit } = await lease({
    key: encoder.cacheKey,
    image,
    run,
    encode: (shared) => Promise.resolve(call([image, shared]) as Promise<FeatureMap>),
  });
  notes.cached = hit;
  return features;
}

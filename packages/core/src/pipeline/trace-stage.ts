import type { FeatureLease, FeatureRequest } from '../cache/feature-request.js';
import type { FeatureMap } from '../domain/feature-map.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Encoder } from '../slots/encoder.js';
import type { RunContext, Stage } from '../slots/stage.js';
import type { RunContexts } from './run-contexts.js';
import type { CallNotes, RunTrace, TracedStage } from './run-trace.js';
import { wrapObject } from '../stage/wrap-object.js';

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
export function traceStage<S extends Stage>(stage: S, traced: TracedStage, wiring: RunWiring): S {
  const { calls, sessionCalls } = traced.kind;
  return traceMethods(stage, calls, traced, wiring, (method, args, call, notes) => {
    if (method === 'encode' && wiring.lease !== undefined && isEncoder(stage)) {
      return cachedEncode(stage, args, call, notes, wiring.lease);
    }
    if (sessionCalls === undefined) return call(args);
    return Promise.resolve(call(args)).then((result) =>
      typeof result !== 'object' || result === null
        ? result
        : traceMethods(result, sessionCalls, traced, wiring, (_, given, session) => session(given)),
    );
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
  methods: readonly string[] | undefined,
  traced: TracedStage,
  { trace, contexts }: RunWiring,
  around: Around,
): T {
  return wrapObject(target, methods, (method, args, call) => {
    // Where no calls are named, those with the run's context are the stage's work.
    if (methods === undefined && !args.some((arg) => contexts.owns(arg))) return call(args);
    return trace.call(traced, method, (notes) => {
      const own = args.map((arg) => (contexts.owns(arg) ? contexts.forCall(arg, traced, notes) : arg));
      return around(method, own, call, notes);
    });
  });
}

/** Tells whether a stage's features may be shared: the contract of {@link Encoder}, whatever the slot. */
function isEncoder(stage: object): stage is Encoder {
  return 'cacheKey' in stage && typeof stage.cacheKey === 'string';
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
    encode: async (shared) => {
      const { ready, ...made } = await (call([image, shared]) as Promise<FeatureMap>);
      // What failed is not kept for others.
      await ready;
      return made;
    },
  });
  notes.cached = hit;
  return features;
}

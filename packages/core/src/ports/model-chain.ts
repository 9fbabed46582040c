import type { Feed, Tensor } from '../domain/tensor.js';
import type { ModelSession, RunOptions } from './model-host.js';

/** An output of an earlier call of the same chain, as an input of a later one. */
export interface ChainedOutput {
  /** Place of the earlier call in the chain, from 0. */
  readonly call: number;
  /** The name of its output. */
  readonly output: string;
}

/** One call of a chain. */
export interface ChainedCall {
  /** The model that is called. */
  readonly session: ModelSession;
  /** Values, handles, and outputs of earlier calls. */
  readonly feeds: Readonly<Record<string, Feed | ChainedOutput>>;
  /** Outputs that the caller gets; all when absent. Those that only feed later calls need not be among them. */
  readonly outputs?: readonly string[];
  /** As in {@link RunOptions}. */
  readonly read?: readonly string[];
}

/** Owner of the outputs that the caller gets, and the signal; see {@link RunOptions}. */
export type ChainOptions = Pick<RunOptions, 'scope' | 'signal'>;

/** The outputs of each call of a chain, by name. */
export type ChainResults = readonly Readonly<Record<string, Tensor>>[];

/**
 * Runs models one after the other, each fed with what those before it gave: calls with nothing to decide between them. Where
 * all of them live in one place they travel there as one message, else they are made one by one; the values are the same.
 * @returns the wanted outputs of each call, in order
 * @throws MaskloomError as `ModelSession.run`; nothing is left of the calls before the one that failed
 */
export async function runChain(calls: readonly ChainedCall[], options: ChainOptions): Promise<ChainResults> {
  const together = calls[0]?.session.chain?.(calls, options);
  return together ?? oneByOne(calls, options);
}

/** Tells an output of an earlier call from anything else that is fed. */
export function isChained(feed: Feed | ChainedOutput): feed is ChainedOutput {
  return 'output' in feed;
}

/** Outputs of call `at` that later calls are fed. */
export function fedOnwards(calls: readonly Pick<ChainedCall, 'feeds'>[], at: number): readonly string[] {
  const fed = new Set<string>();
  for (const { feeds } of calls.slice(at + 1))
    for (const feed of Object.values(feeds)) if (isChained(feed) && feed.call === at) fed.add(feed.output);
  return [...fed];
}

async function oneByOne(
  calls: readonly ChainedCall[],
  { scope, signal }: ChainOptions,
): Promise<ChainResults> {
  const given: Record<string, Tensor>[] = [];
  try {
    for (const [at, { session, feeds, outputs, read }] of calls.entries()) {
      const onwards = fedOnwards(calls, at);
      const asked = outputs === undefined ? undefined : [...new Set([...outputs, ...onwards])];
      given.push({
        ...(await session.run(inputsOf(feeds, given), {
          ...(asked && { outputs: asked }),
          ...(read && { read }),
          ...(signal && { signal }),
          scope,
        })),
      });
    }
  } catch (cause) {
    for (const outputs of given) for (const tensor of Object.values(outputs)) scope.keep(tensor).release();
    throw cause;
  }
  return given.map((tensors, at) => {
    const wanted = calls[at]?.outputs;
    if (wanted === undefined) return tensors;
    for (const [name, tensor] of Object.entries(tensors))
      if (!wanted.includes(name)) scope.keep(tensor).release();
    return Object.fromEntries(Object.entries(tensors).filter(([name]) => wanted.includes(name)));
  });
}

function inputsOf(
  feeds: ChainedCall['feeds'],
  given: readonly Readonly<Record<string, Tensor>>[],
): Readonly<Record<string, Feed>> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => {
      if (!isChained(feed)) return [name, feed];
      const tensor = given[feed.call]?.[feed.output];
      if (tensor === undefined) throw new Error(`Call ${feed.call} of the chain gave no '${feed.output}'.`);
      return [name, tensor];
    }),
  );
}

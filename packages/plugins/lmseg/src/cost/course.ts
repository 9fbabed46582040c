import { runChain, type ChainedCall, type ChainedOutput, type Feed, type ModelSession } from '@maskloom/core';
import type { ChainResults, RunContext, TensorLike } from '@maskloom/core';

/** What may be fed to a model; an input that the model does not have is left out. */
export type Feeds = Readonly<Record<string, Feed | ChainedOutput | undefined>>;

/** What is wanted of the model that a course ends in. */
export interface CourseResults {
  /** Its outputs. */
  readonly outputs: readonly string[];
  /** Those of them whose values will be read. */
  readonly read?: readonly string[];
  /** Whether the value that it was fed is wanted too. */
  readonly keep?: boolean;
}

/** Models that a value goes through, one after the other, in one message; nothing runs before {@link Course.run}. */
export class Course {
  readonly #calls: ChainedCall[] = [];
  #end: TensorLike | ChainedOutput;

  /** @param start - the value */
  constructor(readonly start: TensorLike) {
    this.#end = start;
  }

  /** The value as far as it is: given, or to be given by the last model. */
  get end(): TensorLike | ChainedOutput {
    return this.#end;
  }

  /** Lets the value go through a model as its input `name`; the model's first output takes its place. */
  through(session: ModelSession, name: string, feeds: Feeds = {}): void {
    const output = session.outputs[0]?.name ?? '';
    this.#calls.push({ session, feeds: only(session, { ...feeds, [name]: this.#end }), outputs: [] });
    this.#end = { call: this.#calls.length - 1, output };
  }

  /**
   * Lets a model look at the value, which goes on as it is.
   * @returns the model's place, to be fed from
   */
  aside(session: ModelSession, feeds: Feeds): number {
    this.#calls.push({ session, feeds: only(session, feeds), outputs: [] });
    return this.#calls.length - 1;
  }

  /**
   * Runs the models, and one more, which may be fed with the end.
   * @returns that model's outputs, and the end itself where it is to be kept
   */
  async run(
    last: ModelSession,
    feeds: Feeds,
    { outputs, read = [], keep = false }: CourseResults,
    run: RunContext,
  ): Promise<{ readonly given: ChainResults[number]; readonly end?: TensorLike }> {
    const end = this.#end;
    const calls = [...this.#calls];
    const at = 'call' in end ? end.call : -1;
    const before = calls[at];
    if (keep && before !== undefined && 'output' in end) calls[at] = { ...before, outputs: [end.output] };
    calls.push({ session: last, feeds: only(last, feeds), outputs, read });
    const results = await runChain(calls, { scope: run.scope, signal: run.signal });
    const given = results.at(-1) ?? {};
    for (const name of outputs)
      if (given[name] === undefined) throw new Error(`Model ${last.id} gave no output '${name}'.`);
    const kept = 'output' in end ? results[at]?.[end.output] : end;
    return { given, ...(keep && kept !== undefined && { end: kept }) };
  }
}

function only(session: ModelSession, feeds: Feeds): ChainedCall['feeds'] {
  return Object.fromEntries(
    session.inputs.flatMap(({ name }) => {
      const feed = feeds[name];
      return feed === undefined ? [] : [[name, feed]];
    }),
  );
}

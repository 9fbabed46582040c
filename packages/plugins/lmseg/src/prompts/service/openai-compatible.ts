import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { abortedError, MaskloomError, parseOptions, type RunContext } from '@maskloom/core';
import type { DescriptionSource } from '../source.js';
import { sentencesOf, type ClassDescription } from '../variants.js';
import { AnswerCache } from './answer-cache.js';
import { AnswerInvalid, readAnswer } from './answer.js';
import { ask, TryFailed } from './ask.js';
import { question, QUESTION_VERSION, type Message } from './question.js';
import { readKey } from './read-key.js';
import { serviceAddress, type ServiceAddress } from './service-address.js';

const options = z.object({
  baseUrl: z.url({ protocol: /^https?$/ }).describe('Address before /chat/completions.'),
  model: z.string().min(1).describe("The model's name at the service."),
  keyFrom: z.string().min(1).default('OPENAI_API_KEY').describe('Environment variable that holds the key.'),
  concurrency: z.number().int().min(1).max(64).default(4).describe('Requests in flight at once.'),
  timeoutMs: z.number().int().min(1).default(60_000).describe('Limit for one request, its answer included.'),
  retries: z.number().int().min(0).max(20).default(4).describe('Tries after the first.'),
  backOffMs: z.number().int().min(0).default(500).describe('First wait; doubles with each try, with jitter.'),
  mostWaitMs: z
    .number()
    .int()
    .min(0)
    .default(60_000)
    .describe('Longest wait, whatever the service asks for.'),
  cache: z.string().optional().describe('Folder that answers are kept in, by what was asked.'),
  dryRun: z
    .custom<(name: string, messages: readonly Message[]) => void>((value) => typeof value === 'function')
    .optional()
    .describe('Is shown what would be asked; nothing is sent.'),
});

/** Options of {@link openAiCompatible}. */
export interface OpenAiCompatibleOptions {
  /**
   * Address before `/chat/completions`, e.g. `http://localhost:11434/v1`. A user with a password and a query may be in it;
   * neither is shown in an error, a log or a result.
   */
  readonly baseUrl: string;
  /** The model's name at the service. */
  readonly model: string;
  /** Environment variable that holds the key; default `OPENAI_API_KEY`. When it is not set no key is sent. */
  readonly keyFrom?: string;
  /** Requests in flight at once; default 4. */
  readonly concurrency?: number;
  /** Limit in milliseconds for one request, its answer included; default 60,000. */
  readonly timeoutMs?: number;
  /** Tries after the first; default 4. */
  readonly retries?: number;
  /** First wait in milliseconds; it doubles with each try, with jitter; default 500. A service's Retry-After goes before. */
  readonly backOffMs?: number;
  /** Longest wait in milliseconds, whatever the service asks for; default 60,000. */
  readonly mostWaitMs?: number;
  /** Folder that answers are kept in, by what was asked; none when absent. */
  readonly cache?: string;
  /** Is shown what would be asked; nothing is sent and no class is described. */
  readonly dryRun?: (name: string, messages: readonly Message[]) => void;
}

/**
 * A language model behind any OpenAI-compatible chat endpoint as the source of descriptions. Every class is asked for
 * once, whatever the attribute. The key comes from the environment and goes nowhere but into the request.
 * @throws MaskloomError OPTION_INVALID; when it describes: SERVICE_FAILED after the last try, SERVICE_INVALID when no
 * answer could be understood, ABORTED
 */
export function openAiCompatible(given: OpenAiCompatibleOptions): DescriptionSource {
  const settings = parseOptions(options, given, 'openAiCompatible', ['baseUrl']);
  return {
    name: `${settings.model} at ${new URL(settings.baseUrl).host}`,
    open: () => {
      const client = new DescribingClient(settings);
      return {
        describe: async (names, by, run) => {
          const described = await client.describeAll(names, run);
          return described.map((one) => sentencesOf(one, by));
        },
      };
    },
  };
}

type Settings = z.output<typeof options>;

class DescribingClient {
  readonly #settings: Settings;
  readonly #address: ServiceAddress;
  readonly #cache: AnswerCache;
  /** Answers of this process: a pipeline describes the same classes for every image. */
  readonly #known = new Map<string, ClassDescription>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#address = serviceAddress(settings.baseUrl);
    this.#cache = new AnswerCache(settings.cache);
  }

  /** Describes all names, a few at a time; the first failure ends the others. */
  async describeAll(
    names: readonly string[],
    run: RunContext,
  ): Promise<readonly (ClassDescription | undefined)[]> {
    const stop = new AbortController();
    const signal = AbortSignal.any([run.signal, stop.signal]);
    const results: (ClassDescription | undefined)[] = names.map(() => undefined);
    let next = 0;
    let done = 0;
    const work = async (): Promise<void> => {
      for (let i = next++; i < names.length; i = next++) {
        results[i] = await this.#describe(names[i] ?? '', signal);
        run.progress(++done / names.length, 'descriptions');
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(this.#settings.concurrency, names.length) }, work));
    } catch (error) {
      stop.abort(error);
      if (run.signal.aborted) throw abortedError(run.signal, 'descriptions');
      throw error;
    }
    return results;
  }

  async #describe(name: string, signal: AbortSignal): Promise<ClassDescription | undefined> {
    const messages = question(name);
    const { dryRun, model } = this.#settings;
    if (dryRun !== undefined) {
      dryRun(name, messages);
      return undefined;
    }
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const asked = { version: QUESTION_VERSION, baseUrl: this.#address.shown, model, messages };
    const found = await this.#cache.find(asked);
    const answer = found ?? (await this.#askUntilUnderstood(name, messages, signal));
    if (found === undefined) await this.#cache.keep(asked, answer);
    this.#known.set(name, answer);
    return answer;
  }

  async #askUntilUnderstood(
    name: string,
    messages: readonly Message[],
    signal: AbortSignal,
  ): Promise<ClassDescription> {
    const { model, keyFrom, timeoutMs, retries } = this.#settings;
    const { url, authorization: user } = this.#address;
    const key = readKey(keyFrom);
    const authorization = key === undefined ? user : `Bearer ${key}`;
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      try {
        return readAnswer(await ask(messages, { url, model, authorization, timeoutMs, signal }));
      } catch (cause) {
        if (!(cause instanceof TryFailed || cause instanceof AnswerInvalid)) throw cause;
        const again = cause instanceof AnswerInvalid || cause.again;
        if (!again || attempt >= retries) throw this.#givenUp(name, cause, attempt + 1);
        await wait(this.#pause(attempt, cause), undefined, { signal });
      }
    }
  }

  /** Exponential, with full jitter, so that many clients do not come back together. */
  #pause(attempt: number, cause: TryFailed | AnswerInvalid): number {
    const { backOffMs, mostWaitMs } = this.#settings;
    const asked = cause instanceof TryFailed ? cause.waitMs : undefined;
    const own = backOffMs * 2 ** attempt * (0.5 + Math.random() / 2);
    return Math.min(mostWaitMs, Math.max(asked ?? 0, own));
  }

  #givenUp(name: string, cause: Error, tries: number): MaskloomError {
    const { model } = this.#settings;
    const invalid = cause instanceof AnswerInvalid;
    return new MaskloomError(
      invalid ? 'SERVICE_INVALID' : 'SERVICE_FAILED',
      `${model} did not describe '${name}' in ${tries} ${tries === 1 ? 'try' : 'tries'}: ${cause.message}.`,
      {
        where: this.#address.shown,
        hint: invalid
          ? 'Choose a model that answers in JSON; dryRun shows what is asked.'
          : 'Check address, model and key; raise retries or timeoutMs.',
        cause,
      },
    );
  }
}

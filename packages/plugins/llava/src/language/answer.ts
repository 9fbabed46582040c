import type {
  EmittedState,
  LanguageAnswer,
  LanguagePrompt,
  RunContext,
  TensorLike,
  Tokenizer,
} from '@maskloom/core';
import type { CausalDecoder } from './causal-decoder.js';
import type { KeyValueCache } from './key-value-cache.js';
import type { PromptIds } from './prompt-ids.js';
import type { SessionImage } from './session-image.js';
import { stateAt } from './state.js';

/** What answering needs besides the prompt. */
export interface AnswerParts {
  readonly decoder: CausalDecoder;
  readonly tokenizer: Tokenizer;
  readonly ids: PromptIds;
  readonly hidden: number;
  /** The question with any embeddings in place, [1, count, hidden]. */
  readonly question: TensorLike;
  readonly questionIds: readonly number[];
}

/** Notes the states that emit watched tokens. */
class Watch {
  readonly emitted: EmittedState[] = [];
  readonly #tokens: ReadonlyMap<number, string>;
  readonly #tokenizer: Tokenizer;
  #after = 0;

  constructor(tokenizer: Tokenizer, watched: readonly string[]) {
    this.#tokenizer = tokenizer;
    this.#tokens = new Map(watched.map((token) => [tokenizer.id(token), token]));
  }

  /** The watched tokens. */
  get ids(): readonly number[] {
    return [...this.#tokens.keys()];
  }

  note(ids: readonly number[], index: number, state: EmittedState['state']): void {
    const token = this.#tokens.get(ids[index] ?? -1);
    if (token === undefined) return;
    const before = ids.slice(this.#after, index);
    this.emitted.push({
      token,
      index,
      state,
      textBefore: before.length === 0 ? '' : this.#tokenizer.decode(before).trim(),
    });
    this.#after = index + 1;
  }
}

/**
 * Greedy decoding with a key-value cache. The state that emits a token is the last one before it: the
 * question's last position for the first token, then the position of the token before.
 * @param past - keys and values of everything before the question; not released here
 */
export async function generate(
  parts: AnswerParts,
  past: KeyValueCache,
  prompt: LanguagePrompt,
  maxNewTokens: number,
  run: RunContext,
): Promise<LanguageAnswer> {
  const { decoder, tokenizer, hidden, question, questionIds } = parts;
  const watch = new Watch(tokenizer, prompt.watch);
  const written: number[] = [];
  const followed = prompt.onText !== undefined || (run.followed?.() ?? true);
  const onToken = (id: number): void => {
    if (watch.ids.includes(id)) prompt.onWatched?.();
    if (!followed) return;
    written.push(id);
    const text = textOf(tokenizer, written);
    prompt.onText?.(text);
    run.show?.(text);
    run.progress(written.length / maxNewTokens);
  };
  const heard = followed || prompt.onWatched !== undefined;
  const rules = { eos: parts.ids.eos, most: maxNewTokens, watch: watch.ids };
  const { ids, chances, states, truncated } = await decoder.greedy(
    question,
    questionIds.length,
    past,
    rules,
    run,
    heard ? { onToken, onlyWatched: !followed } : {},
  );
  for (const { index, state } of states) watch.note(ids, index, stateAt(state, 0, hidden));
  return { text: textOf(tokenizer, ids), tokenIds: ids, chances, emitted: watch.emitted, truncated };
}

/** Reads the states of a given answer; nothing is generated, so question and answer are one message, with the image if need be. */
export async function teacherForce(
  parts: AnswerParts,
  image: SessionImage,
  prompt: LanguagePrompt & { readonly forcedAnswer: string },
  run: RunContext,
): Promise<LanguageAnswer> {
  const { decoder, tokenizer, hidden } = parts;
  const tokenIds = parts.ids.answer(prompt.forcedAnswer);
  if (prompt.forcedAnswer.trim() === '') return { text: '', tokenIds: [], emitted: [], truncated: false };
  const count = parts.questionIds.length;
  const embeds = await decoder.embed(tokenIds, run);
  const watch = new Watch(tokenizer, prompt.watch);
  const wanted = ['hidden_states'] as const;
  const reading = image.followedBy(
    [
      { embeds: parts.question, count, wanted, read: true },
      { embeds, count: tokenIds.length, wanted, read: true },
    ],
    run,
  );
  if (tokenIds.some((id) => watch.ids.includes(id))) tellMeanwhile(reading, prompt.onWatched);
  const [first, rest] = await reading;
  const [question, answer] = await Promise.all([first?.hidden?.read(), rest?.hidden?.read()]);
  tokenIds.forEach((_, index) => {
    // The state that emits token i is that of token i - 1; the question's last state emits the first.
    const state =
      index === 0
        ? stateAt(question ?? new Float32Array(), count - 1, hidden)
        : stateAt(answer ?? new Float32Array(), index - 1, hidden);
    watch.note(tokenIds, index, state);
  });
  for (const used of [first?.hidden, rest?.hidden]) used?.release();
  return { text: prompt.forcedAnswer.trim(), tokenIds, emitted: watch.emitted, truncated: false };
}

/** What was given is written already: it is told as soon as the model has its work, unless that ends first. */
function tellMeanwhile(reading: Promise<unknown>, told: LanguagePrompt['onWatched']): void {
  if (told === undefined) return;
  const soon = setImmediate(told);
  const over = (): void => clearImmediate(soon);
  reading.then(over, over);
}

function textOf(tokenizer: Tokenizer, ids: readonly number[]): string {
  return ids.length === 0 ? '' : tokenizer.decode(ids).trim();
}

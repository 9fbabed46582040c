import { MaskloomError } from '@maskloom/masks/error';
import type { Feed } from '../domain/tensor.js';
import type { ModelSession } from './model-host.js';

/** When greedy decoding ends, and what of it is wanted besides the tokens. */
export interface GreedyRules {
  /** The token that ends an answer; it is no part of it. */
  readonly eos: number;
  /** Most tokens; at least 1. */
  readonly most: number;
  /** Tokens whose emitting state is wanted. */
  readonly watch: readonly number[];
}

/** The state that emitted a watched token. */
export interface GreedyState {
  /** The token's place in the answer. */
  readonly index: number;
  /** [hidden], after the final norm. */
  readonly state: Float32Array;
}

/** What was written. */
export interface GreedyAnswer {
  /** Ids without the end token. */
  readonly ids: readonly number[];
  /** The softmax probability of each, 0..1. */
  readonly chances: readonly number[];
  /** Of each watched token, in order. */
  readonly states: readonly GreedyState[];
  /** True when the limit ended the answer. */
  readonly truncated: boolean;
}

/**
 * A decoding that runs where the model is, token after token without a way to this thread and back. The model's ports are named as
 * Hugging Face's exports name them: `inputs_embeds`, `attention_mask`, `position_ids`, `past_key_values.*`, `present.*`.
 */
export interface GreedyRequest {
  /** Token ids to embeddings. */
  readonly embedding: ModelSession;
  /** What the model is fed first. */
  readonly feeds: Readonly<Record<string, Feed>>;
  /** Tokens that the model has read after that. */
  readonly length: number;
  /** When it ends. */
  readonly rules: GreedyRules;
  /** Told of each token as it is written; nothing travels when absent. */
  readonly onToken?: (id: number) => void;
  /** True to tell of watched tokens alone. */
  readonly onlyWatched?: boolean;
  /** Ends the decoding before its next token. */
  readonly signal?: AbortSignal;
}

/** Logits of a step. */
export interface StepLogits {
  /** Of one or more positions, the last position's last. */
  readonly values: Float32Array;
  /** How many belong to a position. */
  readonly vocabulary: number;
}

/** The most likely token. */
export interface LikelyToken {
  /** Its id: the lowest of those with the largest logit. */
  readonly id: number;
  /** Its softmax probability, 0..1. */
  readonly chance: number;
}

/** How a model is driven from token to token, wherever it is. */
export interface GreedyDriver<Step> {
  /** Logits of a step. */
  logits(step: Step): Promise<StepLogits>;
  /** The state of the step's last position. */
  state(step: Step): Promise<Float32Array>;
  /** Reads one more token. */
  next(id: number, step: Step): Promise<Step>;
  /** Gives a step's tensors back. */
  release(step: Step): void;
}

/**
 * Greedy decoding. The state that emits a token is the last one before it.
 * @param first - the step that read the question
 * @throws MaskloomError `MODEL_RUN_FAILED` when no logit is finite, or what the driver throws
 */
export async function decodeGreedily<Step>(
  first: Step,
  { eos, most, watch }: GreedyRules,
  driver: GreedyDriver<Step>,
  told: (id: number) => void,
): Promise<GreedyAnswer> {
  const ids: number[] = [];
  const chances: number[] = [];
  const states: GreedyState[] = [];
  let step = first;
  try {
    for (;;) {
      const { values, vocabulary } = await driver.logits(step);
      const { id, chance } = likeliest(values, values.length - vocabulary, values.length);
      if (id === eos) return { ids, chances, states, truncated: false };
      ids.push(id);
      chances.push(chance);
      if (watch.includes(id)) states.push({ index: ids.length - 1, state: await driver.state(step) });
      told(id);
      if (ids.length >= most) return { ids, chances, states, truncated: true };
      const following = await driver.next(id, step);
      driver.release(step);
      step = following;
    }
  } finally {
    driver.release(step);
  }
}

/**
 * The place of the largest of some logits, counted from `from`, the first of equals, and its softmax probability.
 * @throws MaskloomError `MODEL_RUN_FAILED` when none is finite
 */
export function likeliest(logits: Float32Array, from: number, to: number): LikelyToken {
  let at = -1;
  let highest = -Infinity;
  // A plain loop: batches have a hundred such rows.
  for (let i = from; i < to; i++) {
    const value = logits[i]!;
    if (value > highest) {
      at = i;
      highest = value;
    }
  }
  if (at < 0) {
    throw new MaskloomError('MODEL_RUN_FAILED', 'The language model gave no finite logit.', {
      where: 'greedy decoding',
      hint: 'Its weights or their precision are damaged: verify the bundle.',
    });
  }
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.exp(logits[i]! - highest);
  return { id: at - from, chance: 1 / sum };
}

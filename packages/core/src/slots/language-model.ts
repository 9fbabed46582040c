import type { FeatureMap } from '../domain/feature-map.js';
import type { Task } from '../domain/prediction.js';
import type { Tensor } from '../domain/tensor.js';
import type { RunContext, Stage } from './stage.js';

/** A question to a language model about one image. */
export interface LanguagePrompt {
  /**
   * The user's words, placed into the model's template. For a model that reads the instruction before the image:
   * '' or the words it was read for go on from there; others make it read the image again.
   */
  readonly text: string;
  /** Tokens whose emitting state is wanted, e.g. `[SEG]`. */
  readonly watch: readonly string[];
  /** Longest answer in tokens; the bundle's default when absent. */
  readonly maxNewTokens?: number;
  /**
   * Fixed answer for teacher-forced use: nothing is generated, states are read off this text.
   * Results obtained this way must say so.
   */
  readonly forcedAnswer?: string;
  /** Embeddings to put where the text has these tokens (e.g. `<CATEGORY>`); tensor [count, hidden]. */
  readonly embeddings?: ReadonlyMap<string, Tensor>;
  /** Called with the text so far after each token. */
  readonly onText?: (text: string) => void;
  /**
   * Called when a watched token is written, before the answer ends: what it asks for can begin. A model that does not know before
   * the end never calls it.
   */
  readonly onWatched?: () => void;
}

/** The state that emitted a watched token: one position before the token, after the final norm. */
export interface EmittedState {
  /** The watched token. */
  readonly token: string;
  /** Index of the token within the answer. */
  readonly index: number;
  /** [1, hidden] float32. */
  readonly state: Tensor;
  /** The answer's text before this token and after the previous watched one, trimmed. */
  readonly textBefore: string;
}

/** What a language model says about one prompt. */
export interface LanguageAnswer {
  /** What was written, special tokens kept, without the end token. */
  readonly text: string;
  /** The ids of the answer. */
  readonly tokenIds: readonly number[];
  /** The softmax probability of each id when it was written, 0..1; absent where nothing was generated. */
  readonly chances?: readonly number[];
  /** The watched tokens in the answer, in order. */
  readonly emitted: readonly EmittedState[];
  /** True when the length limit ended the answer. */
  readonly truncated: boolean;
}

/** Embeddings that are written along in one answer (ROSE's `<REGION>` variant). */
export interface AlongPrompt {
  /** [N, hidden]; each stands in the answer where a `<REGION>` would. */
  readonly embeddings: Tensor;
  /** The mark that ends the text behind an embedding, e.g. `,`. */
  readonly stop: string;
  /** Longest text behind one embedding, in tokens. */
  readonly maxTokens: number;
}

/** A text written behind an embedding. */
export interface AlongText {
  /** Without the stop mark. */
  readonly text: string;
  /** Geometric mean of the tokens' probabilities, 0..1. */
  readonly score: number;
}

/** An image read by the language model once; any number of prompts can follow. */
export interface LanguageSession {
  /**
   * Last-layer states (after the final norm) of the image tokens, layout `tokens`, in the vision encoder's grid. Of an image
   * that is read for a question ({@link ReadingPurpose.asked}) they are there after the first answer.
   */
  readonly imageStates: FeatureMap;
  /** Answers one prompt; the image's KV cache is reused. */
  answer(prompt: LanguagePrompt, run: RunContext): Promise<LanguageAnswer>;
  /**
   * Writes a text behind each embedding, all in one answer, so that each text continues from those before it. Absent
   * where the model cannot.
   * @returns one text per embedding, in order
   */
  along?(prompt: AlongPrompt, run: RunContext): Promise<readonly AlongText[]>;
}

/**
 * What an image is read for. A model whose template has the instruction before the image places it there, so that the
 * image's states depend on it; others read the image alone.
 */
export interface ReadingPurpose {
  /** The task, for models that have an instruction for each. */
  readonly task?: Task;
  /** The user's words. */
  readonly text?: string;
  /**
   * True when the states of the image's tokens are wanted for what is asked: they must have seen it, so a template that has
   * the words after the image is refused.
   */
  readonly states?: boolean;
  /**
   * True when the image is asked about at once and nothing of it is wanted before: a model may then read it together with the
   * first question, and `imageStates` are there once that is answered.
   */
  readonly asked?: boolean;
  /** True when the values of `imageStates` will be read: they come along with what is read next. */
  readonly compared?: boolean;
}

/** Image tokens and prompts to text and hidden states. */
export interface LanguageModel extends Stage {
  /** Width of the hidden states. */
  readonly hiddenWidth: number;
  /**
   * Refuses words that do not fit into the model's context beside an image. Recipes call it before any model runs.
   * @param purpose - what an image would be read and asked for
   * @throws MaskloomError PROMPT_TOO_LONG
   */
  check?(purpose: ReadingPurpose): void;
  /**
   * Refuses a token that the model cannot write as one. Asked at `build()` for what a recipe watches.
   * @param token - e.g. `[SEG]`
   * @throws MaskloomError BUNDLE_INVALID when the tokenizer has no such token
   */
  requireToken?(token: string): void;
  /**
   * Reads an image (projector and prefill of the shared prefix).
   * @param features - the vision encoder's tokens [1, L, width]
   * @param purpose - what for; nothing in particular when absent
   */
  read(features: FeatureMap, run: RunContext, purpose?: ReadingPurpose): Promise<LanguageSession>;
}

import type { Device, DType, GreedyAnswer, GreedyRules, HostDType, ModelPort } from '@maskloom/core';

/** How a session is opened in the worker. */
export interface SessionSettings {
  readonly device: Device;
  /** Threads within one operator. */
  readonly threads: number;
  /** True to give the memory of a call back when it ends, instead of keeping it for the next. */
  readonly giveBack?: boolean;
  /** True for a file that was simplified on this machine: nothing is worked out again. */
  readonly simplified?: boolean;
}

/** Values that travel: the buffer is transferred, never shared. */
export interface WireValues {
  readonly dtype: HostDType;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

/** One input of a run: values that travel, or the number of a tensor the worker already holds, its one row `times` over. */
export type WireFeed =
  | WireValues
  | { readonly tensor: number; readonly times?: number }
  /** What an earlier call of the same message gives, by the file's name. */
  | { readonly call: number; readonly output: string };

/** One model call. */
export interface WireCall {
  readonly session: number;
  readonly feeds: Readonly<Record<string, WireFeed>>;
  /** Outputs that stay for the asker; all when undefined. */
  readonly outputs: readonly string[] | undefined;
  /** Outputs that later calls of the message are fed. */
  readonly onwards: readonly string[];
  /** Outputs whose values travel with the answer, however many. */
  readonly read: readonly string[];
  /** Outputs of which only the first so many along the second axis stay and travel. */
  readonly first?: Readonly<Record<string, number>>;
  /** Numbers, below 0, that outputs get: the asker has handed them on already. */
  readonly numbers?: Readonly<Record<string, number>>;
}

/** An output that stays in the worker. */
export interface WireTensor {
  readonly tensor: number;
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** A copy of the values when they are few or asked for: reading them then costs no second trip. */
  readonly early?: WireValues['data'];
}

/** An opened session: its number and its real ports. */
export interface WireSession {
  readonly session: number;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
}

/** A language model's ports as its file and that of the token embedding call them; what a file does not have is absent. */
export interface GreedyPorts {
  readonly ids: string;
  readonly embedded: string;
  readonly embeds: string;
  readonly mask?: string;
  readonly positions?: string;
  /** Whose logits are computed. */
  readonly logitsAt?: string;
  readonly logits: string;
  readonly states: string;
  /** Inputs of the cache, and the outputs that the next call is fed there. */
  readonly cache: readonly (readonly [string, string])[];
}

/** What the main thread asks, by operation. */
export interface Requests {
  open: { readonly path: string; readonly settings: SessionSettings };
  /** Writes a model as it is once simplified for this machine's CPU. */
  simplify: { readonly from: string; readonly to: string };
  /** Calls with nothing to decide between them. */
  run: { readonly calls: readonly WireCall[] };
  /** Greedy decoding, token after token. */
  greedy: {
    readonly session: number;
    readonly embedding: number;
    readonly feeds: Readonly<Record<string, WireFeed>>;
    readonly ports: GreedyPorts;
    /** Tokens read after the first call. */
    readonly length: number;
    readonly rules: GreedyRules;
    /** Which tokens are told. */
    readonly told: 'every' | 'watched' | 'none';
  };
  read: { readonly tensor: number };
  close: { readonly session: number };
  /** Releases every tensor and session; the thread ends after the answer. */
  shutdown: Record<never, never>;
}

/** What the worker answers, by operation. */
export interface Answers {
  open: WireSession;
  simplify: null;
  /** By call. */
  run: readonly (readonly WireTensor[])[];
  greedy: GreedyAnswer;
  read: WireValues;
  close: null;
  shutdown: null;
}

/** The operations that are answered. */
export type Operation = keyof Requests;

/** A message to the worker: a call, if any, and tensors that nobody needs any more, given back before it. */
export type ToWorker = { readonly release?: readonly number[] } & (
  | { [O in Operation]: { readonly op: O; readonly call: number } & Requests[O] }[Operation]
  | { readonly op: 'release' }
  /** Ends a decoding before its next token, or a call before it begins. */
  | { readonly op: 'cancel'; readonly call: number }
);

/** A message from the worker: the answer to one call, a token of it, or why there is none (and which model call of it failed). */
export type FromWorker =
  | { readonly call: number; readonly token: number }
  | { readonly call: number; readonly answer: Answers[Operation] }
  | { readonly call: number; readonly failure: string; readonly at?: number };

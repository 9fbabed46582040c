import type { Device, DType, HostDType, ModelPort } from '@maskloom/core';

/** How a session is opened in the worker. */
export interface SessionSettings {
  readonly device: Device;
  /** Threads within one operator. */
  readonly threads: number;
  /** True to give the memory of a call back when it ends, instead of keeping it for the next. */
  readonly giveBack?: boolean;
}

/** Values that travel: the buffer is transferred, never shared. */
export interface WireValues {
  readonly dtype: HostDType;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

/** One input of a run: values that travel, or the number of a tensor the worker already holds, its one row `times` over. */
export type WireFeed = WireValues | { readonly tensor: number; readonly times?: number };

/** An output that stays in the worker. */
export interface WireTensor {
  readonly tensor: number;
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** A copy of the values when they are few: reading them then costs no second trip. */
  readonly early?: WireValues['data'];
}

/** An opened session: its number and its real ports. */
export interface WireSession {
  readonly session: number;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
}

/** What the main thread asks, by operation. */
export interface Requests {
  open: { readonly path: string; readonly settings: SessionSettings };
  run: {
    readonly session: number;
    readonly feeds: Readonly<Record<string, WireFeed>>;
    readonly outputs: readonly string[] | undefined;
  };
  read: { readonly tensor: number };
  close: { readonly session: number };
  /** Releases every tensor and session; the thread ends after the answer. */
  shutdown: Record<never, never>;
}

/** What the worker answers, by operation. */
export interface Answers {
  open: WireSession;
  run: readonly WireTensor[];
  read: WireValues;
  close: null;
  shutdown: null;
}

/** The operations that are answered. */
export type Operation = keyof Requests;

/** A message to the worker. `release` has no answer. */
export type ToWorker =
  | { [O in Operation]: { readonly op: O; readonly call: number } & Requests[O] }[Operation]
  | { readonly op: 'release'; readonly tensors: readonly number[] };

/** A message from the worker: the answer to one call, or why there is none. */
export type FromWorker =
  | { readonly call: number; readonly answer: Answers[Operation] }
  | { readonly call: number; readonly failure: string };

import type { EventEmitter } from 'eventemitter3';
import type { SlotName } from '../slots/slot-stages.js';

/** Which stage of which run an event is about. */
export interface StageEvent {
  /** Counts the pipeline's runs from 1, so that concurrent runs can be told apart. */
  readonly run: number;
  /** The slot that the stage fills. */
  readonly slot: SlotName;
  /** The stage's name, e.g. `sam/mask-decoder`. */
  readonly stage: string;
}

/** A stage call has ended, well or not. */
export interface StageEndEvent extends StageEvent {
  /** Wall time of this call in milliseconds, calls to other stages within it not counted. */
  readonly ms: number;
  /** The device that really ran, or `js`. */
  readonly device: string;
  /** Bytes of the tensors made by this call and owned by the run; absent when there were none. */
  readonly bytes?: number;
  /** True when the features came from the cache. */
  readonly cached?: boolean;
  /** True when the call threw. */
  readonly failed?: boolean;
}

/** How far a run is. */
export interface ProgressEvent {
  /** Counts the pipeline's runs from 1. */
  readonly run: number;
  /** The stage that says so; absent for the recipe itself. */
  readonly slot?: SlotName;
  /** The stage's name. */
  readonly stage?: string;
  /** 0..1 within the stage (or recipe). */
  readonly fraction: number;
  /** What is being done, for people. */
  readonly note?: string;
}

/** Something the reader of the result should know. */
export interface WarningEvent {
  /** Counts the pipeline's runs from 1. */
  readonly run: number;
  /** The slot of the stage that warns; absent for the recipe itself. */
  readonly slot?: SlotName;
  /** The stage's name. */
  readonly stage?: string;
  /** The warning, for people. */
  readonly message: string;
}

/** What a language model has written so far. */
export interface TextEvent {
  /** Counts the pipeline's runs from 1. */
  readonly run: number;
  /** The slot of the stage that writes; absent for the recipe itself. */
  readonly slot?: SlotName;
  /** The stage's name. */
  readonly stage?: string;
  /** The whole text so far, special tokens kept. */
  readonly text: string;
}

/** Events of one pipeline, with the arguments of their listeners. */
export interface PipelineEventMap {
  /** A stage call begins. */
  'stage:start': [event: StageEvent];
  /** A stage call has ended, and its result is made; others may have begun before that. */
  'stage:end': [event: StageEndEvent];
  /** A stage says how far it is. */
  progress: [event: ProgressEvent];
  /** A stage warns. */
  warning: [event: WarningEvent];
  /** A language model has written one more token of the answer. */
  text: [event: TextEvent];
}

/** A pipeline's event bus. A listener that throws does not disturb the run. */
export type PipelineEvents = EventEmitter<PipelineEventMap>;

import type { SlotName, SlotStages } from '../slots/slot-stages.js';
import type { RunContext } from '../slots/stage.js';
import type { Fixture } from './fixture.js';

/** What the author of a stage may tell the suite about it. */
export interface ProbeOptions {
  /** Kinds of prompts that a mask decoder takes; from its needs when absent, all four when those name none. */
  readonly prompts: readonly ('points' | 'box' | 'embedding' | 'mask')[];
  /** A phrase for language models. */
  readonly text: string;
  /** Tokens watched for in a language model's answer. */
  readonly watch: readonly string[];
}

/** How a slot's stages are called by the suite, and what must hold of their answers. */
export interface SlotProbe<K extends SlotName, R = unknown> {
  /** One typical call (or the few that belong together). */
  call(stage: SlotStages[K], at: Fixture, run: RunContext, options: ProbeOptions): Promise<R>;
  /** The contract of that call's result; throws CONFORMANCE_FAILED. */
  check(result: R, stage: SlotStages[K], at: Fixture): void | Promise<void>;
  /** More cases of this slot, by name. */
  readonly extra?: Readonly<
    Record<
      string,
      (stage: SlotStages[K], at: Fixture, run: RunContext, options: ProbeOptions) => Promise<void>
    >
  >;
}

/**
 * Types a probe by its slot and result.
 * @param _slot - the slot's name
 * @param definition - how to call its stages, and what must hold of the answers
 */
export function probe<K extends SlotName, R>(_slot: K, definition: SlotProbe<K, R>): SlotProbe<K> {
  return definition as SlotProbe<K>;
}

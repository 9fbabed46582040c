import type { SlotName, SlotStages } from './slot-stages.js';

/** The names of a slot's calls: the methods of its stages, but for `dispose`. */
export type CallOf<K extends SlotName> = Exclude<
  {
    [M in keyof SlotStages[K]]-?: NonNullable<SlotStages[K][M]> extends (...args: never[]) => unknown
      ? M
      : never;
  }[keyof SlotStages[K]] &
    string,
  'dispose'
>;

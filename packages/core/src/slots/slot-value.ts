import type { SlotName } from './slot-stages.js';

/** A slot as a value: what `.with(Slot, stage)` takes first, and what every stage made for it carries along. */
export interface Slot<K extends SlotName> {
  /** The slot's name in PascalCase. */
  readonly name: K;
  /** What its stages do, in one sentence for lists. */
  readonly summary: string;
  /**
   * Its place in the order in which a picture flows through the slots, compared item by item: a number for a slot of
   * this package; for any other, the place of the slot that it comes after, and its own name.
   */
  readonly place: readonly (number | string)[];
  /**
   * The calls that every stage of it must have: those that are timed and told of in events. When absent, every call
   * that is given the run's context.
   */
  readonly calls?: readonly string[];
  /** Calls of the objects that those calls give, e.g. of a session: part of the stage's own work. */
  readonly sessionCalls?: readonly string[];
}

/** Compares two slots by the order in which a picture flows through them. */
export function compareSlots(one: Slot<SlotName>, other: Slot<SlotName>): number {
  for (const [i, a] of one.place.entries()) {
    const b = other.place[i];
    if (b === undefined) return 1;
    if (a === b) continue;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a) < String(b) ? -1 : 1;
  }
  return one.place.length - other.place.length;
}

/** A slot that cannot be changed. */
export function freezeSlot<K extends SlotName>(slot: Slot<K>): Slot<K> {
  const { place, calls, sessionCalls } = slot;
  for (const list of [place, calls, sessionCalls]) if (list !== undefined) Object.freeze(list);
  return Object.freeze(slot);
}

import { MaskloomError, suggest } from '@maskloom/masks';
import type { SlotName } from './slot-stages.js';
import { compareSlots, type Slot } from './slot-value.js';
import { SLOTS } from './slot.js';

/** What a stage or a kind of stages says about its slot. */
export interface InSlot {
  /** The slot's name. */
  readonly slot: string;
  /** The slot itself; absent where a spec was written by hand for one of this package's slots. */
  readonly fills?: Slot<SlotName>;
  /** The name of the stage. */
  readonly name?: string;
}

/**
 * The slot that a stage fills.
 * @throws MaskloomError SLOT_UNKNOWN when it carries none and no slot of this package has that name
 */
export function slotOf({ slot, fills, name = 'A stage' }: InSlot): Slot<SlotName> {
  const found = fills ?? SLOTS.find((own) => own.name === slot);
  if (found !== undefined) return found;
  throw new MaskloomError('SLOT_UNKNOWN', `${name} fills a slot '${slot}' that it does not bring along.`, {
    where: name,
    hint: `${suggest(
      slot,
      SLOTS.map((own) => own.name),
    )} Make stages by defineStage({ slot: ... }), which carries the slot.`,
  });
}

/**
 * The slots that some stages fill, each once, in the order in which a picture flows through them: this package's own
 * as in {@link SLOTS}, any other behind the slot that it was defined to come after.
 * @param stages - specs or factories, e.g. `Object.values(recipe.stages)`
 * @throws MaskloomError SLOT_UNKNOWN
 */
export function slotsInOrder(stages: Iterable<InSlot>): readonly Slot<SlotName>[] {
  const slots = new Map<string, Slot<SlotName>>();
  for (const stage of stages) {
    const slot = slotOf(stage);
    slots.set(slot.name, slots.get(slot.name) ?? slot);
  }
  return [...slots.values()].sort(compareSlots);
}

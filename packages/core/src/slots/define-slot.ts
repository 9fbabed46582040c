import { MaskloomError, suggest } from '@maskloom/masks';
import type { CallOf } from './call-of.js';
import type { CoreSlotName, SlotName } from './slot-stages.js';
import { freezeSlot, type Slot } from './slot-value.js';
import { SLOTS } from './slot.js';

/** What the author of a slot writes down. */
export interface SlotDefinition<K extends SlotName> {
  /** The slot that it comes after: the name of one of this package's, or another package's slot itself. */
  readonly after: CoreSlotName | Slot<SlotName>;
  /** What its stages do, in one sentence for lists. */
  readonly summary: string;
  /**
   * The calls that every stage of it must have: those that are timed and told of in events. When absent, every call
   * that is given the run's context is.
   */
  readonly calls?: readonly CallOf<K>[];
  /** Calls of the objects that those calls give, e.g. of a session: timed as the stage's own work. */
  readonly sessionCalls?: readonly string[];
}

/**
 * Defines a new kind of slot, from any package. The result is a plain value: stages made for it by `defineStage` carry
 * it, recipes carry the stages, and so pipelines, events, results, lists and reports know it without being told.
 * Its stages' interface is added to {@link SlotStages} by declaration merging.
 *
 * @example
 * export const DepthEstimator = defineSlot('DepthEstimator', {
 *   after: 'Encoder', summary: 'Image to the depth of every pixel.', calls: ['estimate'],
 * });
 * @param name - PascalCase, as no slot of this package is called
 * @throws MaskloomError VALUE_INVALID on a name that is not PascalCase or is taken, SLOT_UNKNOWN when `after` is no
 * slot of this package
 */
export function defineSlot<K extends Exclude<SlotName, CoreSlotName>>(
  name: K,
  { after, summary, calls, sessionCalls }: SlotDefinition<K>,
): Slot<K> {
  const written: string = name;
  const own = SLOTS.map((slot) => slot.name);
  if (!/^[A-Z][A-Za-z0-9]*$/.test(written) || own.some((taken) => taken === written)) {
    const why = own.some((taken) => taken === written)
      ? `there is one in @maskloom/core`
      : 'it is no such name';
    throw new MaskloomError('VALUE_INVALID', `A new slot cannot be called '${written}': ${why}.`, {
      where: 'defineSlot',
      hint: 'Use a PascalCase name of its own, e.g. DepthEstimator.',
    });
  }
  const before = typeof after === 'string' ? SLOTS.find((slot) => slot.name === after) : after;
  if (before === undefined) {
    throw new MaskloomError(
      'SLOT_UNKNOWN',
      `Slot ${written} comes after '${String(after)}', which is no slot of core.`,
      {
        where: `defineSlot ${written}`,
        hint: `${suggest(String(after), own)} For a slot of another package give the slot itself, not its name.`,
      },
    );
  }
  return freezeSlot({
    name,
    summary,
    place: [...before.place, written],
    ...(calls === undefined ? {} : { calls: [...calls] }),
    ...(sessionCalls === undefined ? {} : { sessionCalls: [...sessionCalls] }),
  });
}

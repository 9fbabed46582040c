import { MaskloomError } from '@maskloom/masks';
import type { SlotName } from '../slots/slot-stages.js';
import type { SlotProbe } from './probe.js';
import { PROBES } from './probes.js';

/**
 * How a slot's stages are probed: by this package for its own slots, by what the caller gives for any other.
 * @throws MaskloomError VALUE_INVALID when another package's slot comes without a probe, or one of ours with one
 */
export function probeOf<K extends SlotName>(slot: K, given: SlotProbe<K> | undefined): SlotProbe<K> {
  const own = (PROBES as Partial<Record<SlotName, unknown>>)[slot] as SlotProbe<K> | undefined;
  if (own !== undefined && given !== undefined) {
    throw new MaskloomError('VALUE_INVALID', `The slot ${slot} has a probe of its own.`, {
      where: 'conformanceCases.probe',
      hint: 'Leave options.probe out.',
    });
  }
  const probe = own ?? given;
  if (probe !== undefined) return probe;
  throw new MaskloomError('VALUE_INVALID', `Nothing says how to call a stage of the slot ${slot}.`, {
    where: 'conformanceCases.probe',
    hint: "Give options.probe, from the package that defines the slot, or made with probe('SlotName', { call, check }).",
  });
}

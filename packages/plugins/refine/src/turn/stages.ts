import { MaskloomError, type SlotStages } from '@maskloom/core';

const WANTED = ['Encoder', 'LanguageModel', 'PatchAnalyzer', 'MaskDecoder', 'CategoryGenerator'] as const;

/** The stages of a recipe's other slots that a turn runs on. */
export type TurnStages = Pick<SlotStages, (typeof WANTED)[number]>;

/**
 * The stages that a turn runs on, of those that its recipe has.
 * @throws MaskloomError STAGE_MISMATCH naming the slot that is missing
 */
export function turnStages(given: Partial<SlotStages> | undefined, by: string): TurnStages {
  const missing = WANTED.filter((slot) => given?.[slot] === undefined);
  if (missing.length === 0) return given as TurnStages;
  throw new MaskloomError('STAGE_MISMATCH', `${by} has no ${missing.join(', ')} to work with.`, {
    where: `Refiner ${by}`,
    hint: 'Use it in a recipe that has these slots, as refine/concat does, and hand on its stages.',
  });
}

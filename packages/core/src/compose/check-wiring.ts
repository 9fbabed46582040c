import { MaskloomError, suggest } from '@maskloom/masks';
import { recipeId, type AnyRecipe } from '../recipe.js';
import type { AnyStageSpec } from '../slots/any-stage.js';
import { slotOf } from '../slots/slot-of.js';
import type { SlotName } from '../slots/slot-stages.js';

/** The stages chosen for a recipe's slots. */
export type ChosenStages = Partial<Readonly<Record<SlotName, AnyStageSpec>>>;

/**
 * Checks that the chosen stages fit a recipe's wiring: what the compiler checks where it knows the types.
 * @throws MaskloomError SLOT_UNKNOWN when the recipe has no such slot; STAGE_MISMATCH naming slot, stage and the
 * missing signal
 */
export function checkWiring(recipe: AnyRecipe, stages: ChosenStages): void {
  const id = recipeId(recipe);
  const slots = Object.keys(recipe.wiring);
  for (const [slot, spec] of Object.entries(stages)) {
    const wires = recipe.wiring[slot as SlotName];
    if (wires === undefined) {
      throw new MaskloomError('SLOT_UNKNOWN', `Recipe ${id} has no slot ${slot} for stage ${spec.name}.`, {
        where: id,
        hint: suggest(slot, slots),
      });
    }
    checkSlot(id, slot, spec);
    for (const need of spec.needs) {
      if (wires.supplies.includes(need)) continue;
      throw mismatch(
        id,
        slot,
        spec,
        `needs '${need}', which the recipe does not supply to it`,
        suggest(need, wires.supplies),
      );
    }
    const gives = Object.keys(spec.gives);
    for (const demand of wires.demands) {
      if (gives.includes(demand)) continue;
      throw mismatch(
        id,
        slot,
        spec,
        `does not give '${demand}', which the recipe demands`,
        `It gives: ${gives.join(', ') || '(nothing)'}.`,
      );
    }
  }
}

function checkSlot(id: string, slot: string, spec: AnyStageSpec): void {
  if (spec.slot !== slot)
    throw mismatch(id, slot, spec, `fills the slot ${spec.slot}`, `Use .with(${spec.slot}, ...).`);
  slotOf(spec);
}

function mismatch(id: string, slot: string, spec: AnyStageSpec, why: string, hint: string): MaskloomError {
  return new MaskloomError('STAGE_MISMATCH', `Stage ${spec.name} cannot fill ${slot} of ${id}: it ${why}.`, {
    where: `${id} ${slot}`,
    hint,
  });
}

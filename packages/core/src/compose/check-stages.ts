import { MaskloomError } from '@maskloom/masks';
import type { AnyRecipe } from '../recipe.js';
import type { LanguageModel } from '../slots/language-model.js';
import type { SlotName } from '../slots/slot-stages.js';
import type { Slot } from '../slots/slot-value.js';
import type { Stage } from '../slots/stage.js';

/** A stage in its slot, in the order in which a picture flows through them. */
export interface PlacedStage {
  readonly slot: SlotName;
  /** The slot itself. */
  readonly kind: Slot<SlotName>;
  readonly name: string;
  readonly stage: Stage;
}

/**
 * Checks that what a spec's `create` gave has its slot's calls.
 * @throws MaskloomError STAGE_MISMATCH naming the missing call
 */
export function checkCalls({ slot, kind, name, stage }: PlacedStage): void {
  const { calls = [] } = kind;
  const has: Readonly<Record<string, unknown>> = Object(stage);
  for (const call of calls) {
    if (typeof has[call] === 'function') continue;
    throw new MaskloomError(
      'STAGE_MISMATCH',
      `Stage ${name} has no ${call}(), which every ${slot} must have.`,
      {
        where: `${slot} ${name}`,
        hint: `Return an object with ${calls.join(', ')} from create().`,
      },
    );
  }
}

/**
 * Compares equally named widths across a pipeline's stages.
 * @param stages - in the order of flow: the first to name a width supplies it
 * @throws MaskloomError STAGE_MISMATCH naming the width, both values and both stages
 */
export function checkWidths(stages: readonly PlacedStage[]): void {
  const supplied = new Map<string, { readonly value: number; readonly by: string }>();
  for (const { slot, name, stage } of stages) {
    for (const [width, value] of Object.entries(stage.widths ?? {})) {
      const by = `${slot} ${name}`;
      const other = supplied.get(width);
      if (other === undefined) supplied.set(width, { value, by });
      else if (other.value !== value) {
        throw new MaskloomError(
          'STAGE_MISMATCH',
          `${width} width ${value} wanted by ${by}, ${other.value} supplied by ${other.by}.`,
          {
            where: by,
            hint: 'Use stages whose models were made for each other.',
          },
        );
      }
    }
  }
}

/**
 * Asks a pipeline's language model for the tokens that its recipe watches for.
 * @throws MaskloomError BUNDLE_INVALID when its tokenizer has no such token
 */
export function checkWatched(
  { watches = [] }: Pick<AnyRecipe, 'watches'>,
  stages: readonly PlacedStage[],
): void {
  const model = stages.find(({ slot }) => slot === 'LanguageModel')?.stage as LanguageModel | undefined;
  for (const token of watches) model?.requireToken?.(token);
}

import { MaskloomError, suggest } from '@maskloom/core';
import type { Ablation } from './ablation.js';
import * as lmseg from './lmseg-tables.js';
import { readTable1 } from './read-table-1.js';
import * as read from './read-tables.js';
import * as rose from './rose-tables.js';

/** Every shipped ablation, in the order of papers and tables. */
export function shippedAblations(): readonly Ablation[] {
  return [
    rose.roseTable2,
    rose.roseTable3,
    rose.roseTable4,
    rose.roseTable5,
    rose.roseTable6,
    readTable1,
    read.readTable2,
    read.readTable3,
    read.readTable4,
    read.readTable5,
    read.readTable6,
    read.readTable7,
    read.readTable8,
    lmseg.lmsegPrompts,
    lmseg.lmsegFusion,
    lmseg.lmsegEnhancement,
    lmseg.lmsegTuning,
  ];
}

/**
 * A shipped ablation by its id.
 * @throws MaskloomError `OPTION_INVALID` naming the nearest
 */
export function ablationNamed(id: string): Ablation {
  const all = shippedAblations();
  const found = all.find((ablation) => ablation.id === id);
  if (found !== undefined) return found;
  throw new MaskloomError('OPTION_INVALID', `There is no ablation '${id}'.`, {
    where: 'ablate',
    hint: suggest(
      id,
      all.map((ablation) => ablation.id),
    ),
  });
}

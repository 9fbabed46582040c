import type { AblationRow, RealPart, SyntheticPart } from './ablation.js';

/** Scenes of the synthetic world's val split. */
export const VAL: Readonly<Record<string, SyntheticPart>> = { val: { seed: 8_000_000, count: 300 } };

/** Scenes of its held-out test split. */
export const TEST: Readonly<Record<string, SyntheticPart>> = { test: { seed: 8_500_000, count: 500 } };

/** ReasonSeg's validation split. */
export const REASON_VAL: Readonly<Record<string, RealPart>> = {
  'ReasonSeg val': { format: 'reasonseg', split: 'val', folder: 'reason_seg/ReasonSeg' },
};

/** ReasonSeg's test split. */
export const REASON_TEST: Readonly<Record<string, RealPart>> = {
  'ReasonSeg test': { format: 'reasonseg', split: 'test', folder: 'reason_seg/ReasonSeg' },
};

/** ADE20K's and COCO's validation splits. */
export const ADE_AND_COCO: Readonly<Record<string, RealPart>> = {
  'ADE20K val': { format: 'ade20k-150', split: 'validation', folder: 'ade20k' },
  'COCO val': { format: 'coco-instances', split: 'val', folder: 'coco' },
};

/** Why the stacked `<SEG>` system stands in LISA's row. */
export const LISA_NOTE = 'trained as LISA is';

/** The row of the stacked `<SEG>` system in place of a LISA. */
export function inPlaceOfLisa(standsFor: string, note: string = LISA_NOTE): AblationRow {
  return { label: 'stacked <SEG>', standsFor, recipe: 'stacked-seg/single', note };
}

/** Rows of systems that are not part of Maskloom: the paper's figures stand alone. */
export function paperOnly(...labels: readonly string[]): readonly AblationRow[] {
  return labels.map((label) => ({ label }));
}

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

/**
 * A row of READ and the same row from two short bases that differ in one thing: in one of them the losses that teach the
 * `<SEG>` state to point were left out. Left out of the table where the bundles have no such weights.
 */
export function withBases(row: AblationRow & { readonly recipe: string }): readonly AblationRow[] {
  const from = (name: string, label: string): AblationRow => ({
    label: `${row.label}, ${label}`,
    recipe: row.recipe,
    overrides: { weights: `${row.recipe}@${name}` },
    paper: null,
    optional: true,
  });
  return [from('base-600', 'short base'), from('base-600-no-pointing', 'short base without pointing losses')];
}

/** What READ's tables 1 and 6 can and cannot show here. */
export const POINTING_NOTE =
  'The base of the rows was trained to point: its <SEG> state was drawn to the image tokens of its target before any mask was asked for, so these rows cannot show what <SEG> learns by itself. The two short bases (600 steps, then 450 for the row) are the control: they differ in those losses alone.';

/** Rows of systems that are not part of Maskloom: the paper's figures stand alone. */
export function paperOnly(...labels: readonly string[]): readonly AblationRow[] {
  return labels.map((label) => ({ label }));
}

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

/** The two short bases, which differ in one thing: the losses that teach the `<SEG>` state to point. */
const BASES = {
  'base-600': 'short base',
  'base-600-no-pointing': 'short base without pointing losses',
} as const;

/**
 * A row of the `<SEG>` embedding alone from each short base, and the same weights with READ's points switched on: rows of READ
 * were not trained from these bases. Left out of the table where the bundles have no such weights.
 * @param points - what the rows with points are called
 */
export function withBases(
  row: AblationRow & { readonly recipe: string },
  points: string,
): readonly AblationRow[] {
  const from = (recipe: string, label: string, base: keyof typeof BASES): AblationRow => ({
    label: `${label}, ${BASES[base]}`,
    recipe,
    overrides: { weights: `${row.recipe}@${base}` },
    paper: null,
    optional: true,
  });
  const bases = ['base-600', 'base-600-no-pointing'] as const;
  return [
    ...bases.map((base) => from(row.recipe, row.label, base)),
    ...bases.map((base) => ({
      ...from('read/full', points, base),
      note: "READ's points over weights that were trained without them",
    })),
  ];
}

/** What READ's tables 1 and 6 can and cannot show here. */
export const POINTING_NOTE =
  'The base of the rows was trained to point: its <SEG> state was drawn to the image tokens of its target before any mask was asked for, so these rows cannot show what <SEG> learns by itself. The two short bases (600 steps, then 450 for the row) are the control: they differ in those losses alone. READ was not trained from the short bases: its rows there have the weights of the <SEG> embedding alone, with the points switched on.';

/** Rows of systems that are not part of Maskloom: the paper's figures stand alone. */
export function paperOnly(...labels: readonly string[]): readonly AblationRow[] {
  return labels.map((label) => ({ label }));
}

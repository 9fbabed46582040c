import type { Ablation, AblationColumn } from './ablation.js';
import { defineAblation } from './define-ablation.js';
import * as printed from './paper/read.js';
import {
  inPlaceOfLisa,
  LISA_NOTE,
  paperOnly,
  POINTING_NOTE,
  REASON_TEST,
  REASON_VAL,
  TEST,
  VAL,
  withBases,
} from './parts.js';
import { REFCOCO, REFCOCO_COLUMNS } from './refcoco.js';

const reasoning = (
  label: string,
  synthetic: string,
  real: string,
  figure: string,
  more: Partial<AblationColumn> = {},
): AblationColumn => ({
  label,
  synthetic: { part: synthetic, protocol: 'reasoning', figure },
  real: { part: real, protocol: 'reasoning', figure },
  ...more,
});

const bothIous = (label: string, synthetic: string, real: string, group: string): readonly AblationColumn[] =>
  ['gIoU', 'cIoU'].map((kind) => reasoning(`${label}${kind}`, synthetic, real, `${kind} ${group}`));

/** Reasoning segmentation: short and long questions. */
export const readTable2: Ablation = defineAblation({
  id: 'read/table-2',
  title: 'Reasoning segmentation',
  data: { synthetic: { ...VAL, ...TEST }, real: { ...REASON_VAL, ...REASON_TEST } },
  rows: [
    ...paperOnly(
      'X-Decoder',
      'Grounded-SAM',
      'SEEM',
      'OVSeg',
      'GRES',
      'SESAME (reproduced)',
      'LLaVA1.5-7B + OVSeg',
      'LISA-7B',
    ),
    inPlaceOfLisa('LISA-7B-LLaVA1.5 (ft)'),
    { label: 'READ', standsFor: 'READ-7B-LLaVA1.5 (ft)', recipe: 'read/full' },
  ],
  columns: [
    ...bothIous('val ', 'val', 'ReasonSeg val', 'all'),
    ...bothIous('test short ', 'test', 'ReasonSeg test', 'short'),
    ...bothIous('test long ', 'test', 'ReasonSeg test', 'long'),
    ...bothIous('test ', 'test', 'ReasonSeg test', 'all'),
  ],
  paper: printed.table2,
});

/** The same with the larger language model. */
export const readTable3: Ablation = defineAblation({
  id: 'read/table-3',
  title: 'Reasoning segmentation with the larger language model',
  data: { synthetic: TEST, real: REASON_TEST },
  rows: [
    { ...inPlaceOfLisa('LISA-13B-LLaVA1.5 (ft)'), overrides: { weights: 'stacked-seg/single@13b' } },
    {
      label: 'READ',
      standsFor: 'READ-13B-LLaVA1.5 (ft)',
      recipe: 'read/full',
      overrides: { weights: 'read/full@13b' },
    },
    { label: 'stacked <SEG>, as shipped', recipe: 'stacked-seg/single', paper: null },
    { label: 'READ, as shipped', recipe: 'read/full', paper: null },
  ],
  columns: [
    ...bothIous('short ', 'test', 'ReasonSeg test', 'short'),
    ...bothIous('long ', 'test', 'ReasonSeg test', 'long'),
    ...bothIous('overall ', 'test', 'ReasonSeg test', 'all'),
  ],
  paper: printed.table3,
  notes: [
    'A bundle with weights of the larger model names its entries <recipe>@13b; the shipped bundles have one size.',
  ],
});

/** Referring expressions. */
export const readTable4: Ablation = defineAblation({
  id: 'read/table-4',
  title: 'Referring expressions, cIoU',
  data: { synthetic: { ...VAL, ...TEST }, real: REFCOCO },
  rows: [
    ...paperOnly('MCN', 'VLT', 'CRIS', 'LAVT', 'X-Decoder', 'ReLA', 'SEEM', 'SESAME'),
    inPlaceOfLisa('LISA-7B'),
    { label: 'READ', standsFor: 'READ-7B', paper: 'READ', recipe: 'read/full' },
  ],
  columns: REFCOCO_COLUMNS,
  paper: printed.table4,
});

const premiseColumn = (
  set: string,
  what: 'see' | 'segment',
  kind: string | undefined,
  real: string,
): AblationColumn => {
  const whole = what === 'see' ? 'See' : 'Segment cIoU';
  const ofKind = what === 'see' ? `See ${kind}` : `cIoU segment ${kind}`;
  return {
    label: `${set} ${what}`,
    synthetic: { part: 'val', protocol: 'premises', figure: kind === undefined ? whole : ofKind },
    standsFor: kind === undefined ? 'all phrases' : kind === 'attribute' ? 'attributes only' : 'relations',
    real: { part: real, protocol: 'premises', figure: whole },
  };
};

/** False premises: is it there, and where. */
export const readTable5: Ablation = defineAblation({
  id: 'read/table-5',
  title: 'False premises: see accuracy and segment cIoU',
  data: {
    synthetic: VAL,
    real: {
      'FP-RefCOCO val': { format: 'fp-refcoco', split: 'val', folder: 'refer_seg' },
      'FP-RefCOCO+ val': { format: 'fp-refcoco+', split: 'val', folder: 'refer_seg' },
      'FP-RefCOCOg val': { format: 'fp-refcocog', split: 'val', folder: 'refer_seg' },
    },
  },
  rows: [
    inPlaceOfLisa('LISA-7B', `${LISA_NOTE}, but on false premises too: it can refuse`),
    ...paperOnly('Cascading', 'SESAME'),
    { label: 'READ', standsFor: 'READ-7B', paper: 'READ', recipe: 'read/full' },
  ],
  columns: [
    ['FP-RefCOCO', undefined] as const,
    ['FP-RefCOCO+', 'attribute'] as const,
    ['FP-RefCOCOg', 'relation'] as const,
  ].flatMap(([set, kind]) => [
    premiseColumn(set, 'see', kind, `${set} val`),
    premiseColumn(set, 'segment', kind, `${set} val`),
  ]),
  paper: printed.table5,
});

/** READ's parts, one by one, each with weights trained for it. */
export const readTable6: Ablation = defineAblation({
  id: 'read/table-6',
  title: 'Similarity as Points',
  data: { synthetic: VAL, real: REASON_VAL },
  rows: [
    { label: '1: <SEG> prompt', recipe: 'read/seg' },
    { label: '2: point prompt only', recipe: 'read/points' },
    { label: '3: <SEG> + point prompt', recipe: 'read/seg-points' },
    { label: '4: <SEG> + point prompt + discrete-to-continuous', recipe: 'read/full' },
    ...withBases({ label: '1', recipe: 'read/seg' }, '1 with points'),
  ],
  columns: bothIous('', 'val', 'ReasonSeg val', 'all'),
  paper: printed.table6,
  notes: [POINTING_NOTE],
});

/** Sizes of SAM's encoder and resolutions of CLIP. */
export const readTable7: Ablation = defineAblation({
  id: 'read/table-7',
  title: 'Vision backbone',
  data: { synthetic: VAL, real: REASON_VAL },
  rows: [
    ...(
      [
        ['SAM-ViT-Base (86M)', 'sam-base'],
        ['SAM-ViT-Large (307M)', 'sam-large'],
        ['SAM-ViT-Huge (636M)', 'sam-huge'],
      ] as const
    ).map(([label, size]) => ({ label, recipe: 'read/full', overrides: { weights: `read/full@${size}` } })),
    { label: 'as shipped', recipe: 'read/full', paper: null },
  ],
  columns: (['CLIP@224', 'CLIP@336'] as const).flatMap((clip) =>
    ['gIoU', 'cIoU'].map((kind) =>
      reasoning(`${clip} ${kind}`, 'val', 'ReasonSeg val', `${kind} all`, {
        weightsSuffix: clip === 'CLIP@224' ? '-clip-224' : '-clip-336',
      }),
    ),
  ),
  paper: printed.table7,
  notes: [
    'A bundle with such weights names its entries read/full@sam-<size>-clip-<pixels>. The shipped bundle has one tower of each kind (SAM and CLIP at toy size, 128 pixels), shown in both columns of its row.',
  ],
});

/** Thresholds by numbers of points. */
export const readTable8: Ablation = defineAblation({
  id: 'read/table-8',
  title: 'Point ratios',
  data: { synthetic: VAL, real: REASON_VAL },
  rows: (
    [
      [0.8, 0.2],
      [0.7, 0.3],
      [0.6, 0.4],
    ] as const
  ).map(([positive, negative]) => ({
    label: `t_pos ${positive}, t_neg ${negative}`,
    recipe: 'read/full',
    overrides: { stages: { PointPrompter: { options: { mode: 'fixed', positive, negative } } } },
  })),
  columns: [10, 30, 60].flatMap((count) =>
    ['gIoU', 'cIoU'].map((kind) =>
      reasoning(`|P|=${count} ${kind}`, 'val', 'ReasonSeg val', `${kind} all`, {
        overrides: { stages: { PointPrompter: { options: { count } } } },
        plot: { line: kind, quantity: 'points |P|', x: count },
      }),
    ),
  ),
  paper: printed.table8,
  notes: ['Thresholds and counts are changed at inference in one trained model, as in the paper.'],
});

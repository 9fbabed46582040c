import type { Ablation, AblationColumn, AblationRow, Overrides, RealPart } from './ablation.js';
import { defineAblation } from './define-ablation.js';
import { TEST } from './parts.js';

/** Data sets of open-vocabulary semantic segmentation, as the field names them. */
const REAL: Readonly<Record<string, RealPart>> = {
  'A-847': { format: 'ade20k-847', split: 'validation', folder: 'ade20k-full' },
  'PC-459': { format: 'context-459', split: 'val', folder: 'pascal-context' },
  'A-150': { format: 'ade20k-150', split: 'validation', folder: 'ade20k' },
  'PC-59': { format: 'context-59', split: 'val', folder: 'pascal-context' },
  'PAS-20': { format: 'voc-20', split: 'val', folder: 'voc' },
  'PAS-20b': { format: 'voc-20b', split: 'val', folder: 'voc' },
};

const columns: readonly AblationColumn[] = [
  {
    label: 'mIoU',
    synthetic: { part: 'test', protocol: 'semantic', figure: 'mIoU' },
    standsFor: 'shapes and stuff',
  },
  {
    label: 'seen mIoU',
    synthetic: { part: 'test', protocol: 'invented-semantic', figure: 'mIoU seen' },
    standsFor: 'invented classes of training',
  },
  {
    label: 'unseen mIoU',
    synthetic: { part: 'test', protocol: 'invented-semantic', figure: 'mIoU unseen' },
    standsFor: 'invented classes held out',
  },
  ...Object.keys(REAL).map((part): AblationColumn => ({
    label: part,
    real: { part, protocol: 'semantic', figure: 'mIoU' },
  })),
];

const VIEWS =
  "Views: windows with a third of overlap and one of the whole image, averaged, as CAT-Seg; the kit's tables (training/README.md) look at the whole image once.";
const NO_PAPER = "The paper's own figures are not known to us: none is printed.";

const table = (
  id: string,
  title: string,
  rows: readonly AblationRow[],
  notes: readonly string[] = [],
): Ablation =>
  defineAblation({
    id: `lmseg/${id}`,
    title,
    data: { synthetic: TEST, real: REAL },
    rows,
    columns,
    notes: [...notes, VIEWS, NO_PAPER],
  });

const writer = (stage: string, options?: Readonly<Record<string, string>>): Overrides => ({
  stages: { PromptWriter: { stage: `lmseg/${stage}`, ...(options === undefined ? {} : { options }) } },
});

/** What classes are described by. */
export const lmsegPrompts: Ablation = table(
  'prompts',
  'Descriptions of classes',
  [
    { label: 'name', recipe: 'lmseg/full', overrides: writer('bare-name') },
    { label: 'template', recipe: 'lmseg/full', overrides: writer('template') },
    { label: 'colour', recipe: 'lmseg/full', overrides: writer('one-attribute', { attribute: 'colour' }) },
    {
      label: 'shape and size',
      recipe: 'lmseg/full',
      overrides: writer('one-attribute', { attribute: 'shape-size' }),
    },
    {
      label: 'texture and material',
      recipe: 'lmseg/full',
      overrides: writer('one-attribute', { attribute: 'texture-material' }),
    },
    { label: 'all attributes', recipe: 'lmseg/full', overrides: writer('all-attributes') },
  ],
  ['One trained model; only the sentences differ.'],
);

/** How CLIP's and SAM's features are fused. */
export const lmsegFusion: Ablation = table(
  'fusion',
  'Fusion of CLIP and SAM',
  [
    { label: 'CLIP only', recipe: 'lmseg/fusion-clip' },
    { label: 'SAM only', recipe: 'lmseg/fusion-sam' },
    { label: 'sum', recipe: 'lmseg/fusion-sum' },
    { label: 'concatenation', recipe: 'lmseg/fusion-concat' },
    { label: 'attention', recipe: 'lmseg/fusion-attention' },
    { label: 'learnable weight', recipe: 'lmseg/tune-frozen' },
    { label: 'learnable weight per channel', recipe: 'lmseg/fusion-channel' },
    { label: 'learnable weight per position', recipe: 'lmseg/fusion-position' },
  ],
  ['Frozen encoders in every row; equal steps.'],
);

/** Spatial and class enhancement. */
export const lmsegEnhancement: Ablation = table(
  'enhancement',
  'Enhancement of the cost volume',
  [
    { label: 'none', recipe: 'lmseg/enhance-none' },
    { label: 'spatial', recipe: 'lmseg/enhance-spatial' },
    { label: 'class', recipe: 'lmseg/enhance-class' },
    { label: 'spatial and class', recipe: 'lmseg/tune-frozen' },
  ],
  ['Frozen encoders in every row; equal steps.'],
);

/** Which encoder is fine-tuned. */
export const lmsegTuning: Ablation = table('tuning', 'Fine-tuning of the encoders', [
  { label: 'frozen', recipe: 'lmseg/tune-frozen' },
  { label: 'CLIP', recipe: 'lmseg/tune-clip' },
  { label: 'SAM', recipe: 'lmseg/tune-sam' },
  { label: 'CLIP and SAM', recipe: 'lmseg/tune-both' },
  { label: 'CLIP and SAM, trained longer (as shipped)', recipe: 'lmseg/full' },
]);

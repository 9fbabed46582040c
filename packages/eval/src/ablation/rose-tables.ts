import type { Ablation, AblationColumn, AblationRow } from './ablation.js';
import { defineAblation } from './define-ablation.js';
import * as printed from './paper/rose.js';
import { ADE_AND_COCO, inPlaceOfLisa, paperOnly, TEST } from './parts.js';
import { REFCOCO, REFCOCO_COLUMNS } from './refcoco.js';

/** Every pixel, names written without a list. */
const MIOU: AblationColumn = {
  label: 'ADE-20k mIoU',
  synthetic: { part: 'test', protocol: 'free-semantic', figure: 'mIoU' },
  standsFor: 'semantic, 14 classes',
  real: { part: 'ADE20K val', protocol: 'free-semantic', figure: 'mIoU' },
};

/** Every thing, names written without a list. */
const ap = (label: string, figure: string): AblationColumn => ({
  label,
  synthetic: { part: 'test', protocol: 'instances', figure },
  standsFor: 'instances, 8 classes',
  real: { part: 'COCO val', protocol: 'instances', figure },
});
const AP = ap('COCO mAP', 'AP');

/** A row, and the same trained from another seed where the bundles have it. */
const seeds = (row: AblationRow & { readonly recipe: string }): readonly AblationRow[] => [
  row,
  {
    ...row,
    label: `${row.label} (seed 2)`,
    paper: null,
    overrides: { weights: `${row.recipe}@seed2` },
    optional: true,
  },
];

const NAMES_NOTE =
  'Names are written without a list; one that is not exactly the name of a class counts for none.';

/** Generic segmentation. */
export const roseTable2: Ablation = defineAblation({
  id: 'rose/table-2',
  title: 'Generic segmentation',
  data: {
    synthetic: { ...TEST, val: { seed: 8_000_000, count: 300 } },
    real: { ...ADE_AND_COCO, ...REFCOCO },
  },
  rows: [
    ...paperOnly('Mask2former', 'Painter', 'SegGPT', 'Pix2Seq v2', 'PSALM', 'Osprey-7B'),
    inPlaceOfLisa('LISA-7B'),
    ...paperOnly('GLaMM-7B', 'GSVA-7B', 'GSVA-13B', 'Ferret-7B', 'Ferret-13B', 'VisionLLM-7B'),
    { label: 'ROSE 3x3', standsFor: 'ROSE-7B', recipe: 'rose/super-3x3' },
    {
      label: 'ROSE 3x3, refined',
      standsFor: 'ROSE-7B + CSR',
      recipe: 'rose/super-3x3',
      overrides: { refine: { by: 'refine/concat', chosenBy: 'oracle' } },
      oracle: true,
    },
    { label: 'ROSE without super-patch', recipe: 'rose/patch', paper: null },
  ],
  columns: [MIOU, AP, ...REFCOCO_COLUMNS],
  paper: printed.table2,
  notes: [NAMES_NOTE],
});

/** Segmentation framework: stacked and patch-wise, names along tokens or decoded from embeddings. */
export const roseTable3: Ablation = defineAblation({
  id: 'rose/table-3',
  title: 'Segmentation framework',
  data: { synthetic: TEST, real: ADE_AND_COCO },
  rows: [
    ...seeds({ label: 'Vanilla stack / along <SEG>', recipe: 'stacked-seg/vanilla' }),
    ...seeds({ label: 'Dense stack / along <SEG>', recipe: 'stacked-seg/dense' }),
    ...seeds({ label: 'Patch-wise / along <REGION>', recipe: 'rose/along-region' }),
    {
      label: 'plain SAM, one point at each patch / decode embed',
      recipe: 'rose/patch-centres',
      paper: null,
      note: "a control: the patches and names of 'Patch-wise / decode embed' with SAM's own decoder, nothing trained for it",
    },
    ...seeds({ label: 'Patch-wise / decode embed', recipe: 'rose/patch' }),
  ],
  columns: [MIOU, AP, { ...ap('COCO AP50', 'AP50'), paper: null }],
  paper: printed.table3,
  notes: [NAMES_NOTE],
});

/** Super-patches. */
export const roseTable4: Ablation = defineAblation({
  id: 'rose/table-4',
  title: 'Super-patch',
  data: { synthetic: TEST, real: ADE_AND_COCO },
  rows: [
    ...seeds({ label: 'w/o super-patch', recipe: 'rose/patch' }),
    ...seeds({ label: '2x2', recipe: 'rose/super-2x2' }),
    ...seeds({ label: '3x3', recipe: 'rose/super-3x3' }),
  ],
  columns: [MIOU, AP, ap('COCO AP50', 'AP50'), ap('COCO AP75', 'AP75')],
  paper: printed.table4,
  notes: [NAMES_NOTE],
});

/** What LoRA is put on, on a shortened schedule. */
export const roseTable5: Ablation = defineAblation({
  id: 'rose/table-5',
  title: 'LoRA, on a shortened schedule',
  data: { synthetic: TEST, real: ADE_AND_COCO },
  rows: (
    [
      ['q_proj,k_proj alpha 16', 'qk-16'],
      ['q_proj,k_proj alpha 32', 'qk-32'],
      ['all_proj alpha 16', 'all-16'],
      ['all_proj alpha 32', 'all-32'],
    ] as const
  ).map(([label, name]) => ({ label, recipe: `rose/lora-${name}` })),
  columns: [MIOU, AP],
  paper: printed.table5,
  notes: [NAMES_NOTE],
});

const paradigm = (label: string, by: string): readonly AblationRow[] =>
  (['oracle', 'own scores'] as const).map((chosenBy) => ({
    label: chosenBy === 'oracle' ? label : `${label}, chosen by own scores`,
    recipe: 'rose/super-3x3',
    overrides: { refine: { by, chosenBy } },
    gain: true,
    ...(chosenBy === 'oracle' ? { oracle: true } : { paper: null }),
  }));

/** Paradigms of refinement: gains over no refinement. */
export const roseTable6: Ablation = defineAblation({
  id: 'rose/table-6',
  title: 'Refinement paradigm: gain over no refinement',
  data: { synthetic: TEST, real: ADE_AND_COCO },
  rows: [
    ...paradigm('Mask', 'refine/drawn'),
    ...paradigm('Mask + Bbox', 'refine/drawn-box'),
    ...paradigm('Concatenation', 'refine/concat'),
    {
      label: 'Concatenation, without the mask prompt',
      recipe: 'rose/super-3x3',
      overrides: {
        refine: {
          by: 'refine/concat',
          chosenBy: 'oracle',
          stages: { Refiner: { options: { maskPrompt: false } } },
        },
      },
      gain: true,
      oracle: true,
      paper: null,
    },
  ],
  columns: [MIOU, AP, ap('COCO AP50', 'AP50'), ap('COCO AP75', 'AP75')],
  paper: printed.table6,
  notes: [
    "The paper's script chooses what to refine by the ground truth: an oracle, in the paper too. Rows chosen by the model's own scores stand beside it.",
    'Without the mask prompt, SAM does not see the previous mask: it reaches the answer through the tower alone, as in the paper.',
    NAMES_NOTE,
  ],
});

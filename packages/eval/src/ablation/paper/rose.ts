import type { PaperTable } from '../ablation.js';

const PAPER = 'ROSE (arXiv 2412.00153)';

/** Generic segmentation: ADE20K mIoU, COCO mAP, RefCOCO/+/g cIoU. */
export const table2: PaperTable = {
  source: `${PAPER}, table 2`,
  columns: [
    'ADE-20k mIoU',
    'COCO mAP',
    'RefCOCO val',
    'RefCOCO testA',
    'RefCOCO testB',
    'RefCOCO+ val',
    'RefCOCO+ testA',
    'RefCOCO+ testB',
    'RefCOCOg val(U)',
    'RefCOCOg test(U)',
  ],
  rows: {
    Mask2former: [57.7, 50.1, null, null, null, null, null, null, null, null],
    Painter: [43.4, null, null, null, null, null, null, null, null, null],
    SegGPT: [34.4, null, null, null, null, null, null, null, null, null],
    'Pix2Seq v2': [null, 38.2, null, null, null, null, null, null, null, null],
    PSALM: [null, null, 83.6, 84.7, 81.6, 72.9, 75.5, 70.1, 73.8, 74.4],
    'Osprey-7B': [29.6, null, null, null, null, null, null, null, null, null],
    'LISA-7B': [null, null, 74.9, 79.1, 72.3, 65.1, 70.8, 58.1, 67.9, 70.6],
    'GLaMM-7B': [null, null, 79.5, 83.2, 76.9, 72.6, 78.7, 64.6, 74.2, 74.9],
    'GSVA-7B': [null, null, 77.2, 78.9, 73.5, 65.9, 69.6, 59.8, 72.7, 73.3],
    'GSVA-13B': [null, null, 79.2, 81.7, 77.1, 70.3, 73.8, 63.6, 75.7, 77.0],
    'Ferret-7B': [31.8, null, 87.5, 91.4, 82.5, 80.8, 87.4, 73.1, 83.9, 84.8],
    'Ferret-13B': [null, null, 89.5, 92.4, 84.4, 82.8, 88.1, 75.2, 85.8, 86.3],
    'VisionLLM-7B': [null, 30.6, null, null, null, null, null, null, null, null],
    'ROSE-7B': [43.2, 32.4, 78.4, 80.9, 74.5, 70.7, 76.1, 63.0, 73.1, 73.6],
    'ROSE-7B + CSR': [51.6, 34.4, 87.0, 87.7, 85.4, 86.8, 87.5, 85.1, 85.3, 85.9],
  },
};

/** Segmentation framework. */
export const table3: PaperTable = {
  source: `${PAPER}, table 3`,
  columns: ['ADE-20k mIoU', 'COCO mAP'],
  rows: {
    'Vanilla stack / along <SEG>': [37.2, 23.2],
    'Dense stack / along <SEG>': [34.4, 22.6],
    'Patch-wise / along <REGION>': [21.5, 4.4],
    'Patch-wise / decode embed': [47.5, 29.2],
  },
};

/** Super-patch. */
export const table4: PaperTable = {
  source: `${PAPER}, table 4`,
  columns: ['ADE-20k mIoU', 'COCO mAP', 'COCO AP50', 'COCO AP75'],
  rows: {
    'w/o super-patch': [47.5, 29.2, 45.7, 31.4],
    '2x2': [43.0, 29.8, 45.4, 32.3],
    '3x3': [43.2, 32.4, 49.2, 34.8],
  },
};

/** LoRA (20% of the iterations of the other tables). */
export const table5: PaperTable = {
  source: `${PAPER}, table 5`,
  columns: ['ADE-20k mIoU', 'COCO mAP'],
  rows: {
    'q_proj,k_proj alpha 16': [24.7, 19.2],
    'q_proj,k_proj alpha 32': [25.1, 19.5],
    'all_proj alpha 16': [26.3, 22.7],
    'all_proj alpha 32': [29.1, 23.1],
  },
};

/** Refinement paradigm: gain over no refinement (1k-sample subset). */
export const table6: PaperTable = {
  source: `${PAPER}, table 6`,
  columns: ['ADE-20k mIoU', 'COCO mAP', 'COCO AP50', 'COCO AP75'],
  rows: {
    Mask: [6.4, 3.0, 4.0, 3.1],
    'Mask + Bbox': [6.3, 3.0, 5.2, 2.8],
    Concatenation: [5.4, 3.6, 6.4, 3.7],
  },
};

import type { PaperTable } from '../ablation.js';

const PAPER = 'READ (Reasoning to Attend)';

/** What the <SEG> token does (ReasonSeg test). */
export const table1: PaperTable = {
  source: `${PAPER}, table 1`,
  columns: [
    'P_prompt gIoU',
    'P_prompt cIoU',
    'S_IoU gIoU',
    'S_IoU cIoU',
    '<SEG>prompt gIoU',
    '<SEG>prompt cIoU',
  ],
  rows: {
    'LISA-7B': [38.2, 30.1, 32.1, 34.1, 47.3, 48.4],
    SESAME: [35.9, 27.0, 32.5, 36.4, 30.5, 30.4],
  },
};

/** ReasonSeg. */
export const table2: PaperTable = {
  source: `${PAPER}, table 2`,
  columns: [
    'val gIoU',
    'val cIoU',
    'test short gIoU',
    'test short cIoU',
    'test long gIoU',
    'test long cIoU',
    'test gIoU',
    'test cIoU',
  ],
  rows: {
    'X-Decoder': [22.6, 17.9, 20.4, 11.6, 22.2, 17.5, 21.7, 16.3],
    'Grounded-SAM': [26.0, 14.5, 17.8, 10.8, 22.4, 18.6, 21.3, 16.4],
    SEEM: [25.5, 21.2, 20.1, 11.5, 25.6, 20.8, 24.3, 18.7],
    OVSeg: [28.5, 18.6, 18.0, 15.5, 28.7, 22.5, 26.1, 20.8],
    GRES: [22.4, 19.9, 17.6, 15.0, 22.6, 23.8, 21.3, 22.0],
    'SESAME (reproduced)': [34.8, 39.1, 28.3, 27.6, 31.6, 32.7, 30.5, 30.4],
    'LLaVA1.5-7B + OVSeg': [38.2, 23.5, 24.2, 18.7, 44.6, 37.1, 39.7, 31.8],
    'LISA-7B': [52.9, 54.0, 40.6, 40.6, 49.4, 51.0, 47.3, 48.4],
    'LISA-7B-LLaVA1.5 (ft)': [61.3, 62.9, 48.3, 46.3, 57.9, 59.7, 55.6, 56.9],
    'READ-7B-LLaVA1.5 (ft)': [59.8, 67.6, 52.6, 49.5, 60.4, 61.0, 58.5, 58.6],
  },
};

/** ReasonSeg test, 13B. */
export const table3: PaperTable = {
  source: `${PAPER}, table 3`,
  columns: ['short gIoU', 'short cIoU', 'long gIoU', 'long cIoU', 'overall gIoU', 'overall cIoU'],
  rows: {
    'LISA-13B-LLaVA1.5 (ft)': [55.4, 50.6, 63.2, 65.3, 61.3, 62.2],
    'READ-13B-LLaVA1.5 (ft)': [55.4, 53.7, 64.4, 65.1, 62.2, 62.8],
  },
};

/** RefCOCO/+/g cIoU. */
export const table4: PaperTable = {
  source: `${PAPER}, table 4`,
  columns: [
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
    MCN: [62.4, 64.2, 59.7, 50.6, 55.0, 44.7, 49.2, 49.4],
    VLT: [67.5, 70.5, 65.2, 56.3, 61.0, 50.1, 55.0, 57.7],
    CRIS: [70.5, 73.2, 66.1, 62.3, 68.1, 53.7, 59.9, 60.4],
    LAVT: [72.7, 75.8, 68.8, 62.1, 68.4, 55.1, 61.2, 62.1],
    'X-Decoder': [null, null, null, null, null, null, 64.6, null],
    ReLA: [73.8, 76.5, 70.2, 66.0, 71.0, 57.7, 65.0, 66.0],
    SEEM: [null, null, null, null, null, null, 65.7, null],
    SESAME: [74.7, null, null, 64.9, null, null, 66.1, null],
    'LISA-7B': [74.9, 79.1, 72.3, 65.1, 70.8, 58.1, 67.9, 70.6],
    READ: [78.1, 80.2, 73.2, 68.4, 73.7, 60.4, 70.1, 71.4],
  },
};

/** False premises (FP-RefCOCO/+/g val): see accuracy, segment cIoU. */
export const table5: PaperTable = {
  source: `${PAPER}, table 5`,
  columns: [
    'FP-RefCOCO see',
    'FP-RefCOCO segment',
    'FP-RefCOCO+ see',
    'FP-RefCOCO+ segment',
    'FP-RefCOCOg see',
    'FP-RefCOCOg segment',
  ],
  rows: {
    'LISA-7B': [51.36, 44.0, 51.32, 39.62, 51.25, 39.64],
    Cascading: [75.59, 55.18, 75.03, 48.64, 76.07, 49.98],
    SESAME: [79.84, 57.93, 80.0, 50.81, 81.78, 53.79],
    READ: [82.87, 61.5, 83.51, 54.54, 84.67, 56.12],
  },
};

/** Similarity as Points (ReasonSeg val). */
export const table6: PaperTable = {
  source: `${PAPER}, table 6`,
  columns: ['gIoU', 'cIoU'],
  rows: {
    '1: <SEG> prompt': [51.2, 57.6],
    '2: point prompt only': [37.4, 29.2],
    '3: <SEG> + point prompt': [56.4, 64.6],
    '4: <SEG> + point prompt + discrete-to-continuous': [59.8, 67.6],
  },
  note: 'rows as the prose describes them: points add 7 cIoU to <SEG> alone, discrete-to-continuous 3 more.',
};

/** Vision backbone (ReasonSeg val). */
export const table7: PaperTable = {
  source: `${PAPER}, table 7`,
  columns: ['CLIP@224 gIoU', 'CLIP@224 cIoU', 'CLIP@336 gIoU', 'CLIP@336 cIoU'],
  rows: {
    'SAM-ViT-Base (86M)': [54.6, 57.8, 55.6, 61.9],
    'SAM-ViT-Large (307M)': [58.7, 64.6, 60.1, 65.2],
    'SAM-ViT-Huge (636M)': [59.9, 66.0, 59.8, 67.6],
  },
};

/** Point ratios (ReasonSeg val). */
export const table8: PaperTable = {
  source: `${PAPER}, table 8`,
  columns: ['|P|=10 gIoU', '|P|=10 cIoU', '|P|=30 gIoU', '|P|=30 cIoU', '|P|=60 gIoU', '|P|=60 cIoU'],
  rows: {
    't_pos 0.8, t_neg 0.2': [58.94, 65.16, 59.75, 67.62, 59.71, 68.17],
    't_pos 0.7, t_neg 0.3': [58.48, 64.0, 58.82, 65.32, 59.2, 67.7],
    't_pos 0.6, t_neg 0.4': [58.59, 64.27, 58.66, 65.0, 58.93, 66.69],
  },
};

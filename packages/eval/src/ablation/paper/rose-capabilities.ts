/** Table 1 of ROSE (arXiv 2412.00153), capabilities of classical models: columns and rows as printed, 1 where it has a tick. */
export const capabilitiesPrinted: {
  readonly source: string;
  readonly columns: readonly string[];
  readonly rows: Readonly<Record<string, readonly (0 | 1)[]>>;
} = {
  source: 'ROSE (arXiv 2412.00153), table 1',
  columns: [
    'image',
    'language',
    'region',
    'class candidates',
    'referring description',
    'task description',
    'dense prediction',
    'segmentation refinement',
  ],
  rows: {
    Mask2former: [1, 0, 0, 0, 0, 0, 1, 0],
    OpenSeg: [1, 1, 0, 1, 0, 0, 1, 0],
    'FC-CLIP': [1, 1, 0, 1, 0, 0, 1, 0],
    CascadePSP: [1, 0, 1, 0, 0, 0, 0, 1],
    SegRefiner: [1, 0, 1, 0, 0, 0, 0, 1],
    LLaVA: [1, 1, 0, 0, 0, 0, 0, 0],
    Shikra: [1, 1, 1, 0, 0, 0, 0, 0],
    'Kosmos-2': [1, 1, 1, 0, 0, 0, 0, 0],
    LISA: [1, 1, 0, 0, 1, 0, 0, 0],
    GLaMM: [1, 1, 1, 0, 1, 0, 0, 0],
    AnyRef: [1, 1, 1, 0, 1, 0, 0, 0],
    PixelLM: [1, 1, 0, 0, 1, 0, 0, 0],
    GSVA: [1, 1, 0, 0, 1, 0, 0, 0],
    VisionLLM: [1, 1, 0, 0, 1, 0, 0, 0],
    PSALM: [1, 1, 0, 1, 1, 0, 1, 0],
    ROSE: [1, 1, 1, 1, 1, 1, 1, 1],
  },
};

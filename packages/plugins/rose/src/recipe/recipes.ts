import { defineRecipe, type Recipe, type Task } from '@maskloom/core';
import { siglipText, siglipTower } from '@maskloom/clip';
import { oneVisionLanguageModel } from '@maskloom/llava';
import { samEncoder, samMaskDecoder } from '@maskloom/sam';
import { patchAnalyzer } from '../analyze/patch-analyzer.js';
import { taskAssembler } from '../assemble/task-assembler.js';
import { exactOrSynonym } from '../mapping/exact-or-synonym.js';
import { alongRegion } from '../naming/along-region.js';
import { nameByRequest } from '../naming/by-request.js';
import { roseRun } from './run-rose.js';
import { centreWiring, roseWiring, type CentreWiring, type RoseWiring } from './wiring.js';

const TASKS: readonly Task[] = ['free', 'semantic', 'instance', 'referring'];

const stages = () => ({
  Encoder: samEncoder(),
  VisionEncoder: siglipTower(),
  LanguageModel: oneVisionLanguageModel(),
  PatchAnalyzer: patchAnalyzer(),
  TextEmbedder: siglipText(),
  MaskDecoder: samMaskDecoder(),
  CategoryGenerator: nameByRequest(),
  LabelMapper: exactOrSynonym(),
  Assembler: taskAssembler(),
});

/** A ROSE recipe that differs from the others by its weights and constants alone. */
function row(name: string, summary: string): Recipe<RoseWiring> {
  return defineRecipe({
    system: 'rose',
    name,
    summary,
    tasks: TASKS,
    wiring: roseWiring,
    stages: stages(),
    run: roseRun('count'),
  });
}

/** ROSE without super-patches: every patch may propose anything. */
export const patch = row('patch', 'ROSE: every patch proposes an object; names are written freely.');

/**
 * A control of Table 3, not in the paper: the surviving patches prompt SAM by one point at their middle, and its decoder is
 * the one that SAM was trained with. What it finds is owed to where the patches are, not to mask embeddings.
 */
export const patchCentres: Recipe<CentreWiring> = defineRecipe({
  system: 'rose',
  name: 'patch-centres',
  summary: 'Control: plain SAM with one point at each patch that proposes; ROSE chooses and names.',
  tasks: TASKS,
  wiring: centreWiring,
  stages: stages(),
  run: roseRun('count', 'centre'),
});

/** ROSE with super-patches of 2 x 2 patches, one role each. */
export const super2x2 = row('super-2x2', 'ROSE with 2 x 2 super-patches: a role for each of four patches.');

/** ROSE with super-patches of 3 x 3 patches: 4 small, 3 medium, 1 large, 1 stuff. */
export const super3x3 = row(
  'super-3x3',
  'ROSE with 3 x 3 super-patches: 4 small, 3 medium, 1 large, 1 stuff.',
);

/** Table 3's third row: patch-wise masks, names written along `<REGION>`. */
export const alongRegions: Recipe<RoseWiring> = defineRecipe({
  system: 'rose',
  name: 'along-region',
  summary: 'ROSE with names written one after the other along <REGION> (Table 3).',
  tasks: TASKS,
  wiring: roseWiring,
  stages: {
    ...stages(),
    LanguageModel: oneVisionLanguageModel({ instruction: 'region' }),
    CategoryGenerator: alongRegion(),
  },
  run: roseRun('names'),
});

/** Table 5's rows: what LoRA was put on, and its alpha. */
const LORA = [
  { target: 'qk', modules: 'q_proj, k_proj', alpha: 16 },
  { target: 'qk', modules: 'q_proj, k_proj', alpha: 32 },
  { target: 'all', modules: 'all projections', alpha: 16 },
  { target: 'all', modules: 'all projections', alpha: 32 },
] as const;

/** Table 5's four recipes, trained on a shortened schedule. */
export const loraRows: readonly Recipe<RoseWiring>[] = LORA.map(({ target, modules, alpha }) =>
  row(`lora-${target}-${alpha}`, `ROSE, LoRA on ${modules} with alpha ${alpha} (Table 5, short schedule).`),
);

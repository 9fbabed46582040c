import {
  defineRecipe,
  type BuiltStages,
  type ImageFrame,
  type Prediction,
  type Recipe,
  type RecipeResult,
  type RunContext,
  type SegmentRequest,
} from '@maskloom/core';
import { oneVisionLanguageModel, type Link, type WiringListsOf } from '@maskloom/llava';
import { decodeEmbedding, patchAnalyzer } from '@maskloom/rose';
import { samEncoder, samMaskDecoder } from '@maskloom/sam';
import type { Paradigm } from './paradigm.js';
import { defineRefiner, REFINER_NEEDS, type RefinerNeeds } from './refiner.js';

/** What flows where in a refinement. */
export interface RefineWiring {
  /** Makes the features that masks are decoded from. */
  readonly Encoder: Link<'image', 'mask-features'>;
  /** Reads what the refiner's tower saw of image and mask, behind the instruction. */
  readonly LanguageModel: Link<'vision-tokens', 'image-states'>;
  /** Finds what each patch proposes. */
  readonly PatchAnalyzer: Link<'image-states', 'patch-scores' | 'embedding-prompt' | 'category-embedding'>;
  /** Decodes the answering patch's mask, with the box and the previous mask beside it. */
  readonly MaskDecoder: Link<
    'mask-features' | 'embedding-prompt' | 'box-prompt' | 'mask-prompt',
    'mask-logits'
  >;
  /** Says the name. */
  readonly CategoryGenerator: Link<'category-embedding' | 'image-states' | 'candidates', 'names'>;
  /** Changes one segment at a time, or adds one. */
  readonly Refiner: Link<RefinerNeeds, 'segments'>;
}

const wiring: WiringListsOf<RefineWiring> = {
  Encoder: { supplies: ['image'], demands: ['mask-features'] },
  LanguageModel: { supplies: ['vision-tokens'], demands: ['image-states'] },
  PatchAnalyzer: {
    supplies: ['image-states'],
    demands: ['patch-scores', 'embedding-prompt', 'category-embedding'],
  },
  MaskDecoder: {
    supplies: ['mask-features', 'embedding-prompt', 'box-prompt', 'mask-prompt'],
    demands: ['mask-logits'],
  },
  CategoryGenerator: {
    supplies: ['category-embedding', 'image-states', 'candidates'],
    demands: ['names'],
  },
  Refiner: { supplies: REFINER_NEEDS, demands: ['segments'] },
};

/**
 * The recipe of a paradigm: its refiner, and beside it ROSE's analyzer and generator, each to be swapped. Asked alone
 * (task `prompted`), it finds and names what is in each box.
 * @param owner - the system's name: your package
 */
export function defineRefineRecipe(paradigm: Paradigm, owner = 'refine'): Recipe<RefineWiring> {
  return defineRecipe({
    system: owner,
    name: paradigm.name,
    summary: `Refinement by conversation; ${paradigm.summary}. Asked alone, finds and names what is in boxes.`,
    tasks: ['prompted'],
    wiring,
    stages: {
      Encoder: samEncoder(),
      LanguageModel: oneVisionLanguageModel(),
      PatchAnalyzer: patchAnalyzer(),
      MaskDecoder: samMaskDecoder(),
      CategoryGenerator: decodeEmbedding(),
      Refiner: defineRefiner(paradigm, owner)(),
    },
    run: findInBoxes,
  });
}

const SAID = 'You missed the thing in this box.';

/** Asked alone, a refiner has nothing to refine: every box points at something missed. */
async function findInBoxes(
  stages: BuiltStages<RefineWiring>,
  image: ImageFrame,
  request: SegmentRequest,
  run: RunContext,
): Promise<RecipeResult> {
  let found: Prediction = {
    system: 'refine',
    recipe: '',
    request,
    answer: '',
    segments: [],
    stages: [],
    warnings: [],
  };
  for (const { box } of request.prompts ?? []) {
    if (box === undefined) {
      run.warn('A prompt without a box was left out: refiners look in boxes.');
      continue;
    }
    found = await stages.Refiner.refine(image, found, { say: SAID, situation: 'missed', box }, run, stages);
  }
  return { answer: '', segments: found.segments };
}

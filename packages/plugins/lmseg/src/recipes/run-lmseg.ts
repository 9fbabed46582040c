import {
  parseLabels,
  throwIfAborted,
  warnOfRegions,
  type BuiltStages,
  type ImageFrame,
  type RecipeResult,
  type RunContext,
  type Segment,
  type SegmentRequest,
  type SemanticEvidence,
} from '@maskloom/core';
import { describeClasses } from './describe-classes.js';
import { encodeViews } from './encode-views.js';
import { semanticEvidence } from './evidence.js';
import type { LmsegWiring } from './wiring.js';

/** LMSeg's stages; CAT-Seg has no second tower. */
export type LmsegStages = BuiltStages<Omit<LmsegWiring, 'Encoder'>> & Partial<BuiltStages<LmsegWiring>>;

/**
 * LMSeg on one image: views, features, descriptions, scores, segments. Classes come from the request, any number of
 * them; `cat|kitten` is one class with a synonym.
 * @throws MaskloomError VALUE_INVALID when there is no label
 */
export async function runLmseg(
  stages: LmsegStages,
  image: ImageFrame,
  request: SegmentRequest,
  run: RunContext,
): Promise<RecipeResult> {
  const { classes, warnings } = parseLabels(request.labels, 'lmseg');
  for (const warning of warnings) run.warn(warning);
  warnOfRegions(request, run);
  const descriptions = await describeClasses(stages.PromptWriter, classes, run);
  const text = await stages.TextEmbedder.embed(descriptions, run);
  const plan = await stages.Tiler.plan(image, run);
  throwIfAborted(run.signal, 'lmseg');
  const views = await encodeViews(stages, plan, run);
  const scores = await stages.CostAggregator.prepare(views, text, run);
  const labels = classes.map(({ label }) => label);
  const segments = await stages.SemanticAssembler.assemble({ image, plan, labels, scores }, run);
  const facts = { image, plan, views, classes, descriptions, text, segments };
  const semantic = await semanticEvidence(facts);
  return { answer: '', segments: segments.map((one) => withCost(one, semantic)), evidence: { semantic } };
}

/** A segment with its class's cost map, unless its assembler gave it a map of its own. */
function withCost(segment: Segment, { classes }: SemanticEvidence): Segment {
  const cost = classes.find(({ label }) => label === segment.label)?.cost;
  if (cost === undefined || segment.evidence?.map !== undefined) return segment;
  return { ...segment, evidence: { ...segment.evidence, map: cost } };
}

import {
  toFrame,
  warnOfRegions,
  type Assembler,
  type Encoder,
  type EmittedState,
  type FeatureMap,
  type ImageFrame,
  type LanguageModel,
  type LanguageSession,
  type MaskDecoder,
  type MaskLabel,
  type MaskPrompt,
  type PointPrompter,
  type PointSuggestion,
  type QueryProjector,
  type RecipeResult,
  type RunContext,
  type ScoreMap,
  type SegmentRequest,
} from '@maskloom/core';
import { labelBefore } from './segment-labels.js';

/** The token that asks for a mask. Papers print `<SEG>`; every released checkpoint of this family has `[SEG]`. */
export const SEG_TOKEN = '[SEG]';

/** The stages of a `<SEG>` system. What is absent is not used: no projector, no embedding; no prompter, no points. */
export interface SegStages {
  /** The image for mask decoding; called only when there is something to decode. */
  readonly Encoder: Encoder;
  /** The image for the language model. */
  readonly VisionEncoder: Encoder;
  /** Reads the image once and answers. */
  readonly LanguageModel: LanguageModel;
  /** States to prompt embeddings. */
  readonly QueryProjector?: QueryProjector;
  /** States to points. */
  readonly PointPrompter?: PointPrompter;
  /** Prompts to mask logits. */
  readonly MaskDecoder: MaskDecoder;
  /** Mask logits to segments. */
  readonly Assembler: Assembler;
}

/** The run of one `<SEG>` recipe. */
export type SegRun = (
  stages: SegStages,
  image: ImageFrame,
  request: SegmentRequest,
  run: RunContext,
) => Promise<RecipeResult>;

/**
 * The run that all `<SEG>` systems share: the language model reads the image once and answers; each `[SEG]`'s
 * emitting state becomes an embedding, points, or both; one decoder call makes all masks, one per `[SEG]`. A lone
 * mask is named by the query, several by the words before each. An answer without
 * `[SEG]` is a refusal: no segment, the answer kept, and the image never goes through the mask encoder.
 */
export const runSegRecipe: SegRun = (...parts) => runSeg(...parts, (emitted) => emitted);

/**
 * As {@link runSegRecipe}, for systems that are trained for one `[SEG]` to an answer: further ones are left out, with a
 * warning, and the one mask is named by the query.
 */
export const runFirstSeg: SegRun = (...parts) =>
  runSeg(...parts, (emitted, run) => {
    if (emitted.length > 1)
      run.warn(`The answer has ${emitted.length} ${SEG_TOKEN}; only the first becomes a mask.`);
    return emitted.slice(0, 1);
  });

async function runSeg(
  stages: SegStages,
  image: ImageFrame,
  request: SegmentRequest,
  run: RunContext,
  choose: (emitted: readonly EmittedState[], run: RunContext) => readonly EmittedState[],
): Promise<RecipeResult> {
  const query = request.text ?? '';
  warnOfRegions(request, run);
  stages.LanguageModel.check?.({ task: request.task, text: query });
  const tokens = await stages.VisionEncoder.encode(image, run);
  const compared = stages.PointPrompter !== undefined;
  const purpose = { task: request.task, text: query, asked: true, compared };
  const session = await stages.LanguageModel.read(tokens, run, purpose);
  // The image is made ready as soon as there is something to decode, which may be before the answer's end.
  let ready: Promise<FeatureMap> | undefined;
  const encode = (): Promise<FeatureMap> => (ready ??= stages.Encoder.encode(image, run));
  const onWatched = (): void => void encode().catch(() => undefined);
  const answer = await session.answer({ text: query, watch: [SEG_TOKEN], onWatched }, run);
  if (answer.truncated) run.warn(`The answer was cut off after ${answer.tokenIds.length} tokens.`);
  const wanted = choose(answer.emitted, run);
  if (wanted.length === 0) return { answer: answer.text, segments: [], refused: true };

  // None of the three needs what another gives.
  const [suggestions, embeddings, features] = await Promise.all([
    suggestPoints(stages.PointPrompter, session, wanted, run),
    stages.QueryProjector?.project(
      wanted.map((seg) => seg.state),
      run,
    ),
    encode(),
  ]);
  const several = wanted.length > 1;
  const prompts: MaskPrompt[] = [];
  const labels: MaskLabel[] = [];
  wanted.forEach((seg, row) => {
    const suggestion = suggestions[row];
    const prompt: MaskPrompt = {
      ...pointsFor(suggestion, features),
      ...(embeddings === undefined ? {} : { embedding: { tensor: embeddings, row } }),
    };
    if (prompt.points === undefined && prompt.embedding === undefined) return;
    prompts.push(prompt);
    labels.push({
      label: several ? labelBefore(seg.textBefore, query) : query,
      ...(suggestion === undefined ? {} : { evidence: suggestion }),
    });
  });
  if (prompts.length === 0) return { answer: answer.text, segments: [] };
  const decoded = await stages.MaskDecoder.decode(features, prompts, run);
  const shown = labels.map((label, i) => withDecoderMap(label, decoded.similarity?.[i]));
  return { answer: answer.text, segments: await stages.Assembler.assemble(decoded, shown, run) };
}

function withDecoderMap(label: MaskLabel, decoderMap: ScoreMap | undefined): MaskLabel {
  return decoderMap === undefined ? label : { ...label, evidence: { ...label.evidence, decoderMap } };
}

/**
 * Points of a suggestion as a mask prompt's part: in the mask features' frame, absent when there are none.
 */
export function pointsFor(
  suggestion: PointSuggestion | undefined,
  features: FeatureMap,
): Pick<MaskPrompt, 'points'> {
  if (suggestion === undefined || suggestion.points.labels.length === 0) return {};
  return { points: toFrame(suggestion.points, features.transform as FeatureMap<'SamPx'>['transform']) };
}

async function suggestPoints(
  prompter: PointPrompter | undefined,
  session: LanguageSession,
  wanted: readonly EmittedState[],
  run: RunContext,
): Promise<readonly PointSuggestion[]> {
  if (prompter === undefined) return [];
  const { imageStates } = session;
  const suggestions: PointSuggestion[] = [];
  for (const { state } of wanted) suggestions.push(await prompter.prompt({ query: state, imageStates }, run));
  return suggestions;
}

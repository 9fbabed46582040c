import {
  localTensor,
  type EmittedState,
  type ImageFrame,
  type MaskLabel,
  type MaskPrompt,
  type RecipeResult,
  type RunContext,
  type SegmentRequest,
  type Tensor,
} from '@maskloom/core';
import { labelBefore, SEG_TOKEN, type SegStages } from '@maskloom/llava';

/** The stages of a stack that answers with names. */
export type StackedStages = Required<Pick<SegStages, 'QueryProjector'>> & Omit<SegStages, 'PointPrompter'>;

/** What a target is called when no word stands before its `[SEG]`. */
const NAMELESS = 'unknown';

/**
 * The stacked rivals of ROSE's Table 3: the language model reads the image for the task's instruction and writes
 * "star [SEG], grass [SEG]."; each target's `[SEG]` states prompt SAM, all targets in one decoder call. `[SEG]` that
 * follow each other without a word between (the dense stack has three per target) prompt one mask together. The name
 * is what stands before the first of them; without any `[SEG]` there is no segment.
 */
export async function runStacked(
  stages: StackedStages,
  image: ImageFrame,
  request: SegmentRequest,
  run: RunContext,
): Promise<RecipeResult> {
  const { task, text = '' } = request;
  const tokens = await stages.VisionEncoder.encode(image, run);
  const session = await stages.LanguageModel.read(tokens, run, { task, text });
  const answer = await session.answer({ text, watch: [SEG_TOKEN] }, run);
  if (answer.truncated) run.warn(`The answer was cut off after ${answer.tokenIds.length} tokens.`);
  const targets = groupTargets(answer.emitted);
  if (targets.length === 0) return { answer: answer.text, segments: [] };

  const states = answer.emitted.map(({ state }) => state);
  const embeddings = await stages.QueryProjector.project(states, run);
  const prompts = await promptsOf(targets, embeddings);
  const labels = targets.map(([first]): MaskLabel => ({
    label: labelBefore(answer.emitted[first ?? 0]?.textBefore ?? '', text === '' ? NAMELESS : text),
  }));
  const features = await stages.Encoder.encode(image, run);
  const decoded = await stages.MaskDecoder.decode(features, prompts, run);
  return { answer: answer.text, segments: await stages.Assembler.assemble(decoded, labels, run, task) };
}

/** Places of the `[SEG]` of each target: those that follow another without a word belong to its target. */
export function groupTargets(emitted: readonly Pick<EmittedState, 'textBefore'>[]): readonly (readonly number[])[] {
  const targets: number[][] = [];
  emitted.forEach(({ textBefore }, n) => {
    const last = targets.at(-1);
    if (last !== undefined && textBefore === '') last.push(n);
    else targets.push([n]);
  });
  return targets;
}

/** One prompt per target, with the embeddings of all its `[SEG]`. */
async function promptsOf(
  targets: readonly (readonly number[])[],
  embeddings: Tensor,
): Promise<readonly MaskPrompt[]> {
  // One [SEG] each: the rows are the prompts as they are.
  if (targets.every((target) => target.length === 1))
    return targets.map((_, row) => ({ embedding: { tensor: embeddings, row } }));
  const width = embeddings.dims.at(-1) ?? 0;
  const values = await embeddings.read();
  return targets.map((target) => {
    const data = new Float32Array(target.length * width);
    target.forEach((n, e) => data.set(values.subarray(n * width, (n + 1) * width), e * width));
    return { embedding: { tensor: localTensor([1, target.length, width], data), row: 0 } };
  });
}

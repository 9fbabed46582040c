import {
  trimOf,
  warnOfRegions,
  type DecodedMasks,
  type ImageFrame,
  type LanguageAnswer,
  type MaskLabel,
  type RecipeResult,
  type RunContext,
  type SegmentRequest,
} from '@maskloom/core';
import { SEG_TOKEN, type SegStages } from '@maskloom/llava';

/** The stages of a stack that answers with names. */
export type StackedStages = Required<Pick<SegStages, 'QueryProjector'>> & Omit<SegStages, 'PointPrompter'>;

/** What a target is called when no word stands before its `[SEG]`. */
const NAMELESS = 'unknown';

/**
 * The stacked rivals of ROSE's Table 3: the language model reads the image for an instruction to list what is there and
 * writes "star [SEG], grass [SEG]."; all `[SEG]` states prompt SAM in one decoder call. A target is a name and the
 * unbroken run of `[SEG]` behind it (the dense stack writes three): the logits of a run are averaged. Its score is the
 * product of the probabilities of the name's tokens. Without any `[SEG]` there is no segment.
 */
export async function runStacked(
  stages: StackedStages,
  image: ImageFrame,
  request: SegmentRequest,
  run: RunContext,
): Promise<RecipeResult> {
  const { task } = request;
  warnOfRegions(request, run);
  stages.LanguageModel.check?.({ task });
  const tokens = await stages.VisionEncoder.encode(image, run);
  const session = await stages.LanguageModel.read(tokens, run, { task });
  const answer = await session.answer({ text: '', watch: [SEG_TOKEN] }, run);
  if (answer.truncated) run.warn(`The answer was cut off after ${answer.tokenIds.length} tokens.`);
  const targets = targetsOf(answer);
  if (targets.length === 0) return { answer: answer.text, segments: [], refused: true };

  const states = answer.emitted.map(({ state }) => state);
  const tensor = await stages.QueryProjector.project(states, run);
  const features = await stages.Encoder.encode(image, run);
  const prompts = states.map((_, row) => ({ embedding: { tensor, row } }));
  const decoded = await stages.MaskDecoder.decode(features, prompts, run);
  const masks = averaged(decoded, targets);
  const labels = targets.map(({ name, score }): MaskLabel => ({ label: name, score }));
  return { answer: answer.text, segments: await stages.Assembler.assemble(masks, labels, run, task) };
}

/** A name and the places of its `[SEG]` among all of the answer. */
export interface Target {
  /** What stands before the first `[SEG]`, without commas. */
  readonly name: string;
  /** Product of the probabilities of the tokens of the name, commas included, 0..1; 0 where there is none. */
  readonly score: number;
  /** At least one. */
  readonly places: readonly number[];
}

/** The targets of an answer, in the order in which they were written. */
export function targetsOf({
  emitted,
  chances,
}: Pick<LanguageAnswer, 'emitted' | 'chances'>): readonly Target[] {
  const targets: (Target & { readonly places: number[] })[] = [];
  let last = -1;
  emitted.forEach(({ index, textBefore }, place) => {
    const run = place > 0 && index === last + 1 ? targets.at(-1) : undefined;
    if (run !== undefined) run.places.push(place);
    else {
      const name = trimOf(textBefore, /[ ,]/);
      const before = chances?.slice(last + 1, index) ?? [];
      const score = before.length === 0 ? 0 : before.reduce((product, chance) => product * chance, 1);
      targets.push({ name: name === '' ? NAMELESS : name, score, places: [place] });
    }
    last = index;
  });
  return targets;
}

/** One mask per target: the mean of the logits (and of the predicted qualities) of its run. */
function averaged(decoded: DecodedMasks, targets: readonly Target[]): DecodedMasks {
  const size = decoded.width * decoded.height;
  const logits = new Float32Array(targets.length * size);
  const quality = new Float32Array(targets.length);
  targets.forEach(({ places }, n) => {
    for (const place of places) {
      quality[n] = (quality[n] ?? 0) + (decoded.quality[place] ?? 0) / places.length;
      for (let p = 0; p < size; p++)
        logits[n * size + p] =
          (logits[n * size + p] ?? 0) + (decoded.logits[place * size + p] ?? 0) / places.length;
    }
  });
  return { ...decoded, logits, quality, count: targets.length };
}

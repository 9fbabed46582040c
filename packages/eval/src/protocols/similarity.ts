import { mergeMasks, type Evidence, type ImageFrame, type RleMask, type ScoreMap } from '@maskloom/core';
import {
  referringMeasure,
  similarityAtImageSize,
  similarityIouMeasure,
  similarityPrompts,
  type ScoredQuery,
  type SimilarityInput,
} from '@maskloom/metrics';
import { askTexts } from './ask-texts.js';
import type { AskContext, Protocol } from './protocol.js';
import { reasoning } from './reasoning.js';
import { referringSwitches } from './referring.js';

/** What the figures of SAM's side begin with. */
const SAM_SIDE = 'S_IoU SAM';

/**
 * What the `<SEG>` token does (READ, table 1), on reasoning questions: `<SEG>prompt` is the recipe's own mask, `P_prompt`
 * that of plain SAM prompted by points of the similarity map, `S_IoU` the map itself cut at the threshold that fits the truth
 * best (an oracle), and `S_IoU SAM` the same of the map in SAM's mask decoder, where it gives its tokens. A question that
 * the recipe refuses has no map: an empty mask in all of them.
 */
export const similarity: Protocol = {
  name: 'similarity',
  version: 3,
  summary:
    "The <SEG> token's mask, its similarity map as points for plain SAM, and its maps on both sides as masks.",
  task: 'reasoning',
  headline: 'gIoU <SEG>prompt',
  helpers: {
    mapped: { withPoints: true },
    sided: { stages: { MaskDecoder: { stage: 'sam/similarity-decoder' } }, optional: true },
    sam: { recipe: 'sam/prompted' },
    best: { recipe: 'sam/prompted', stages: { MaskDecoder: { options: { multimask: true } } } },
  },
  measures: (_, switches) => [
    referringMeasure({ ...referringSwitches(switches), answers: 'generated' }),
    similarityIouMeasure(),
    similarityIouMeasure({ figure: SAM_SIDE }),
  ],
  applies: reasoning.applies,
  async ask(context) {
    const { scene, helpers, switches, frame } = context;
    const questions = (scene.questions ?? []).flatMap(({ texts, mask, ignore }) =>
      texts[0] === undefined ? [] : [{ text: texts[0], truth: mask, ignore }],
    );
    const texts = questions.map(({ text }) => text);
    const own = await askTexts(context, 'reasoning', texts);
    const queries: ScoredQuery[] = [];
    const maps: SimilarityInput['queries'][number][] = [];
    const sideMaps: SimilarityInput['queries'][number][] = [];
    const { mapped, sided } = helpers;
    const sam = switches.releasedPrompts ? helpers['best'] : helpers['sam'];
    for (const { text, truth, ignore } of questions) {
      const map = mapped && (await evidenceOf(mapped, context, text))?.map;
      const pointed = map && sam && (await fromPoints(sam, context, map));
      const common = { truth, ...(ignore === undefined ? {} : { ignore }) };
      queries.push({ ...common, prediction: own.mask(text), columns: ['<SEG>prompt'] });
      queries.push({ ...common, prediction: pointed, columns: ['P_prompt'] });
      if (truth === undefined) continue;
      maps.push({ map: atSize(map, frame), truth, ...(ignore === undefined ? {} : { ignore }) });
      const side = sided && (await sideMapOf(sided, context, text));
      if (side !== undefined) sideMaps.push({ ...common, map: side, truth });
    }
    const referring = referringMeasure({ ...referringSwitches(switches), answers: 'generated' });
    return {
      parts: {
        referring: referring.count({ queries }),
        'similarity-iou': similarityIouMeasure().count({ queries: maps }),
        [`similarity-iou ${SAM_SIDE}`]: similarityIouMeasure({ figure: SAM_SIDE }).count({
          queries: sideMaps,
        }),
      },
      answers: texts.map((text) => own.kept(text)),
    };
  },
  truths: (scene) =>
    (scene.questions ?? []).map(({ texts, mask }) =>
      mask === undefined ? [] : [{ label: texts[0] ?? '', score: 1, mask }],
    ),
};

/** What led to the mask of a question's first `<SEG>`; `undefined` for a refusal. */
async function evidenceOf(
  pipeline: AskContext['pipeline'],
  { frame, cache }: AskContext,
  text: string,
): Promise<Evidence | undefined> {
  const { segments } = await pipeline.segment(frame, { task: 'reasoning', text }, { cache });
  return segments[0]?.evidence;
}

/** SAM's map at the size of the image, zeros for a refusal; `undefined` where the system has no `<SEG>` embedding. */
async function sideMapOf(
  pipeline: AskContext['pipeline'],
  context: AskContext,
  text: string,
): Promise<Float32Array | undefined> {
  if (!pipeline.describe().stages.some(({ slot }) => slot === 'QueryProjector')) return undefined;
  return atSize((await evidenceOf(pipeline, context, text))?.decoderMap, context.frame);
}

function atSize(map: ScoreMap | undefined, frame: ImageFrame): Float32Array {
  return map === undefined ? new Float32Array(frame.width * frame.height) : similarityAtImageSize(map, frame);
}

/** Plain SAM's mask for the points of a map. */
async function fromPoints(
  sam: AskContext['pipeline'],
  { frame, cache, switches }: AskContext,
  map: ScoreMap,
): Promise<RleMask | undefined> {
  const points = similarityPrompts(map, switches.releasedPrompts ? { over: frame } : {});
  const prompts = [{ label: 'points', points }];
  const { segments } = await sam.segment(frame, { task: 'prompted', prompts }, { cache });
  return segments.length === 0 ? undefined : mergeMasks(segments.map(({ mask }) => mask));
}

import { mergeMasks, type RleMask, type ScoreMap } from '@maskloom/core';
import { referringMeasure } from '@maskloom/metrics';
import type { ScoredQuery } from '@maskloom/metrics';
import { similarityAtImageSize } from '@maskloom/metrics';
import { similarityIouMeasure, type SimilarityInput } from '@maskloom/metrics';
import { similarityPrompts } from '@maskloom/metrics';
import { askTexts } from './ask-texts.js';
import type { AskContext, Protocol } from './protocol.js';
import { reasoning } from './reasoning.js';
import { referringSwitches } from './referring.js';

/**
 * What the `<SEG>` token does (READ, table 1), on reasoning questions: `<SEG>prompt` is the recipe's own mask, `P_prompt`
 * that of plain SAM prompted by points of the similarity map, `S_IoU` the map itself cut at the threshold that fits the truth
 * best (an oracle). A question that the recipe refuses has no map: an empty mask in all three.
 */
export const similarity: Protocol = {
  name: 'similarity',
  version: 2,
  summary: "The <SEG> token's mask, its similarity map as points for plain SAM, and the map as a mask.",
  task: 'reasoning',
  headline: 'gIoU <SEG>prompt',
  helpers: { mapped: { withPoints: true }, sam: { recipe: 'sam/prompted' } },
  measures: (_, switches) => [
    referringMeasure({ ...referringSwitches(switches), answers: 'generated' }),
    similarityIouMeasure(),
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
    const { mapped, sam } = helpers;
    for (const { text, truth, ignore } of questions) {
      const map = mapped && (await mapOf(mapped, context, text));
      const pointed = map && sam && (await fromPoints(sam, context, map));
      const common = { truth, ...(ignore === undefined ? {} : { ignore }) };
      queries.push({ ...common, prediction: own.mask(text), columns: ['<SEG>prompt'] });
      queries.push({ ...common, prediction: pointed, columns: ['P_prompt'] });
      if (truth !== undefined)
        maps.push({
          map:
            map === undefined
              ? new Float32Array(frame.width * frame.height)
              : similarityAtImageSize(map, frame),
          truth,
          ...(ignore === undefined ? {} : { ignore }),
        });
    }
    const referring = referringMeasure({ ...referringSwitches(switches), answers: 'generated' });
    return {
      parts: {
        referring: referring.count({ queries }),
        'similarity-iou': similarityIouMeasure().count({ queries: maps }),
      },
      answers: texts.map((text) => own.kept(text)),
    };
  },
  truths: (scene) =>
    (scene.questions ?? []).map(({ texts, mask }) =>
      mask === undefined ? [] : [{ label: texts[0] ?? '', score: 1, mask }],
    ),
};

/** The similarity map of a question's first `<SEG>`; `undefined` for a refusal. */
async function mapOf(
  pipeline: AskContext['pipeline'],
  { frame, cache }: AskContext,
  text: string,
): Promise<ScoreMap | undefined> {
  const { segments } = await pipeline.segment(frame, { task: 'reasoning', text }, { cache });
  return segments[0]?.evidence?.map;
}

/** Plain SAM's mask for the points of a map. */
async function fromPoints(
  sam: AskContext['pipeline'],
  { frame, cache }: AskContext,
  map: ScoreMap,
): Promise<RleMask | undefined> {
  const prompts = [{ label: 'points', points: similarityPrompts(map) }];
  const { segments } = await sam.segment(frame, { task: 'prompted', prompts }, { cache });
  return segments.length === 0 ? undefined : mergeMasks(segments.map(({ mask }) => mask));
}

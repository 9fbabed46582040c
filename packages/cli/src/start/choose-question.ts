import { Prng } from '@maskloom/core';
import {
  writeExpressions,
  writeQuestions,
  type Expression,
  type ExpressionKind,
  type Scene,
} from '@maskloom/synth';

/** The kinds of question that the demonstration mixes. */
export type QuestionKind = ExpressionKind | 'false premise' | 'reasoning';

/** A question about a scene and the segment that answers it; none for a false premise. */
export interface SceneQuestion {
  readonly kind: QuestionKind;
  readonly text: string;
  /** Id in the scene's label map. */
  readonly segment?: number;
}

/**
 * A question of the wanted kind about a scene, the same for the same scene; an attribute phrase where the scene has
 * none of that kind.
 */
export function chooseQuestion(scene: Scene, kind: QuestionKind): SceneQuestion {
  // The streams that the data sets use, so that these are phrases of the world's own files.
  const expressions = writeExpressions(new Prng(scene.seed, 1), scene);
  if (kind === 'reasoning') {
    const question = writeQuestions(new Prng(scene.seed, 2), scene)[0];
    if (question?.text[0] !== undefined) return { kind, text: question.text[0], segment: question.segment };
  }
  const things = new Set(scene.things.map((thing) => thing.id));
  if (kind === 'false premise') {
    const failing = expressions.flatMap((about) => (things.has(about.segment) ? about.failing : []))[0];
    if (failing !== undefined) return { kind, text: failing.text };
  }
  const all = expressions.flatMap((about) =>
    about.holding.map((expression) => ({ ...expression, segment: about.segment })),
  );
  const fits = (one: Expression): boolean =>
    one.kind === kind && (kind !== 'relation' || one.needsRelation === true);
  const fitting =
    [all.filter(fits), all.filter((one) => one.kind === kind), all].find((list) => list.length > 0) ?? [];
  // Not always the first thing and its shortest name.
  const chosen = fitting[scene.seed % fitting.length];
  if (chosen === undefined) return { kind: 'false premise', text: 'the purple star' };
  return { kind: chosen.kind, text: chosen.text, segment: chosen.segment };
}

import {
  mergeMasks,
  outcomeOf,
  type Pipeline,
  type Prediction,
  type RleMask,
  type Segment,
  type Task,
} from '@maskloom/core';
import { inParallel } from './in-parallel.js';
import type { AskContext, KeptAnswer, KeptSegment } from './protocol.js';

/** Answers to texts, each asked once. */
export interface TextAnswers {
  /** The union of an answer's masks; `undefined` for a refusal. */
  mask(text: string): RleMask | undefined;
  /** The answer as it is kept. */
  kept(text: string): KeptAnswer;
}

/** How texts are asked. */
export interface AskTextsOptions {
  /** What is done to each answer before it counts; nothing when absent. */
  readonly after?: (answer: Prediction, text: string) => Promise<Prediction>;
  /** Who is asked a text; the pipeline under test when absent. */
  readonly by?: (text: string) => Pipeline | undefined;
}

/** Asks every text once: answers are greedy, so equal questions have equal answers. */
export async function askTexts(
  { pipeline, frame, cache, concurrency }: AskContext,
  task: Task,
  texts: readonly string[],
  { after = async (answer) => answer, by }: AskTextsOptions = {},
): Promise<TextAnswers> {
  const unique = [...new Set(texts)];
  const found = await inParallel(unique, concurrency, async (text) => {
    const asked = by?.(text) ?? pipeline;
    return after(await asked.segment(frame, { task, text }, { cache }), text);
  });
  const answers = new Map(unique.map((text, i) => [text, found[i] ?? NONE]));
  const of = (text: string): Answer => answers.get(text) ?? NONE;
  return {
    mask: (text) => joined(of(text).segments),
    kept: (text) => keptAnswer(text, of(text)),
  };
}

type Answer = Pick<Prediction, 'segments' | 'outcome'>;
const NONE: Answer = { segments: [] };

/** An answer as it is kept. */
export function keptAnswer(text: string, answer: Answer, mapping?: KeptAnswer['mapping']): KeptAnswer {
  return {
    text,
    segments: answer.segments.map(keep),
    outcome: outcomeOf(answer),
    ...(mapping === undefined ? {} : { mapping }),
  };
}

/** A segment as it is kept. */
function keep({ label, score, mask }: Segment): KeptSegment {
  // Four digits: scores are for reports, and shorter lines.
  return { label, score: Math.round(score * 1e4) / 1e4, mask };
}

function joined(segments: readonly Segment[]): RleMask | undefined {
  return segments.length === 0 ? undefined : mergeMasks(segments.map(({ mask }) => mask));
}

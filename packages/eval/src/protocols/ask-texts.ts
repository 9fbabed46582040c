import { mergeMasks, type Prediction, type RleMask, type Segment, type Task } from '@maskloom/core';
import { inParallel } from './in-parallel.js';
import type { AskContext, KeptAnswer, KeptSegment } from './protocol.js';

/** Answers to texts, each asked once. */
export interface TextAnswers {
  /** The union of an answer's masks; `undefined` for a refusal. */
  mask(text: string): RleMask | undefined;
  /** The answer as it is kept. */
  kept(text: string): KeptAnswer;
}

/**
 * Asks every text once: answers are greedy, so equal questions have equal answers.
 * @param after - what is done to each answer before it counts
 */
export async function askTexts(
  { pipeline, frame, cache, concurrency }: AskContext,
  task: Task,
  texts: readonly string[],
  after: (answer: Prediction, text: string) => Promise<Prediction> = async (answer) => answer,
): Promise<TextAnswers> {
  const unique = [...new Set(texts)];
  const found = await inParallel(unique, concurrency, async (text) => {
    const { segments } = await after(await pipeline.segment(frame, { task, text }, { cache }), text);
    return segments;
  });
  const answers = new Map(unique.map((text, i) => [text, found[i] ?? []]));
  const of = (text: string): readonly Segment[] => answers.get(text) ?? [];
  return {
    mask: (text) => joined(of(text)),
    kept: (text) => ({ text, segments: of(text).map(keep) }),
  };
}

/** A segment as it is kept. */
export function keep({ label, score, mask }: Segment): KeptSegment {
  // Four digits: scores are for reports, and shorter lines.
  return { label, score: Math.round(score * 1e4) / 1e4, mask };
}

function joined(segments: readonly Segment[]): RleMask | undefined {
  return segments.length === 0 ? undefined : mergeMasks(segments.map(({ mask }) => mask));
}

import { maskArea, mergeMasks, type RleMask } from '@maskloom/core';
import { queryIou } from '@maskloom/metrics';
import { countPixels } from '@maskloom/metrics';
import { protocolNamed } from '../protocols/protocols.js';
import type { KeptSegment } from '../protocols/protocol.js';
import type { OpenRun } from '../runner/open-run.js';
import type { MeasuredFigure } from '@maskloom/metrics';

/** IoU of one answer, and how large its target is. */
export interface AnswerIou {
  /** Of the answer with its target, 0..1. */
  readonly iou: number;
  /** Square root of the target's share of the image, 0..1. */
  readonly size: number;
}

/** One subject on one part by one protocol, image by image. */
export interface SubjectScores {
  /** Its index in the run's subjects. */
  readonly subject: number;
  /** The protocol's headline figure by the image's id; `null` where it is undefined. */
  readonly byImage: ReadonlyMap<string, number | null>;
  /** Of answers to texts that have a target; empty for other protocols. */
  readonly ious: readonly AnswerIou[];
  /** All figures over all images. */
  readonly figures: Readonly<Record<string, MeasuredFigure>>;
}

/** Protocols whose answers are one mask for one text. */
const TEXTS = new Set(['referring', 'reasoning', 'premises', 'similarity']);

/** Scores of every subject that was asked by a protocol about a part. */
export function imageScores(run: OpenRun, part: string, protocol: string): readonly SubjectScores[] {
  const work = run.plan.work.find((one) => one.part === part && one.protocol === protocol);
  return (work?.subjects ?? []).flatMap((subject): SubjectScores[] => {
    const counted = headlineFigures(run, part, protocol, subject);
    if (counted === undefined) return [];
    const ious = TEXTS.has(protocol) ? answerIous(run, part, protocol, subject) : [];
    return [{ subject, ...counted, ious }];
  });
}

/** The figures of one subject by one protocol, and the headline image by image; nothing when no image has a result. */
export function headlineFigures(
  run: OpenRun,
  part: string,
  protocol: string,
  subject: number,
): Pick<SubjectScores, 'byImage' | 'figures'> | undefined {
  const { sums, images } = run.results.count(subject, part, protocol);
  if (images === 0) return undefined;
  const { headline } = protocolNamed(protocol);
  const figures: Record<string, MeasuredFigure> = {};
  const byImage = new Map<string, number | null>();
  for (const sum of sums) {
    const own = sum.result({ intervals: false }).figures;
    Object.assign(figures, own);
    if (!Object.hasOwn(own, headline)) continue;
    for (const { image, value } of sum.perImage(headline)) byImage.set(image, value);
  }
  return { byImage, figures };
}

function answerIous(run: OpenRun, part: string, protocol: string, subject: number): readonly AnswerIou[] {
  const store = run.units.store(part);
  const asked = protocolNamed(protocol);
  const found: AnswerIou[] = [];
  for (let i = 0; i < (store?.count ?? 0); i++) {
    const unit = run.units
      .ofScene(part, i)
      .find((one) => one.subject === subject && one.protocol === protocol);
    const result = unit && run.results.result(unit.key);
    if (store === undefined || result === undefined) continue;
    const scene = store.read(i);
    asked.truths(scene, store.head, run.plan.switches).forEach((segments, q) => {
      const truth = union(segments);
      if (truth === undefined) return;
      const prediction = union(result.answers[q]?.segments ?? []);
      found.push({
        iou: queryIou(countPixels(prediction, truth)),
        size: Math.sqrt(maskArea(truth) / (scene.width * scene.height)),
      });
    });
  }
  return found;
}

/** The union of segments; `undefined` when there are none. */
export function union(segments: readonly KeptSegment[]): RleMask | undefined {
  return segments.length === 0 ? undefined : mergeMasks(segments.map(({ mask }) => mask));
}

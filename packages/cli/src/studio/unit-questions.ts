import { maskArea, maskBox, MaskloomError, mergeMasks, type Segment } from '@maskloom/core';
import { protocolNamed, type KeptSegment, type OpenRun } from '@maskloom/eval';
import { countPixels, queryIou } from '@maskloom/metrics';
import type { Question, StudioQuestion } from '@maskloom/studio';
import { resultSchema, sceneSchema } from './stored-shapes.js';

/** One subject asked by one protocol about one scene. */
export interface AskedUnit {
  readonly part: string;
  readonly protocol: string;
  readonly subject: number;
  readonly scene: number;
}

/** Protocols whose questions are texts: what is kept of an answer says which. */
const BY_TEXT = new Set(['referring', 'two-targets', 'premises', 'reasoning', 'similarity']);

/** Protocols that say the classes. */
const BY_CLASSES = new Set(['semantic', 'invented-semantic']);

/**
 * What a unit asked, the worst answer first where answers are compared one by one, with what is true.
 * @param by - whose answers they are, as it is shown
 * @throws MaskloomError MASK_INVALID, RUN_INVALID when what is stored is not as a run writes it
 */
export function unitQuestions(
  run: OpenRun,
  { part, protocol: name, subject, scene: index }: AskedUnit,
  by: string,
): { readonly asStored: boolean; readonly questions: readonly StudioQuestion[] } {
  const protocol = protocolNamed(name);
  const store = run.units.store(part);
  const scene = store?.read(index);
  if (store === undefined || scene === undefined) return { asStored: false, questions: [] };
  sceneSchema.parse(scene);
  const size = [scene.height, scene.width] as const;
  const units = run.units.ofScene(part, index).filter((unit) => unit.protocol === name);
  const answersOf = (key: string | undefined) => {
    const result = key === undefined ? undefined : run.results.result(key);
    return result && resultSchema.parse(result).answers;
  };
  const own = answersOf(units.find((unit) => unit.subject === subject)?.key);
  // A unit that failed has kept no texts; those of another subject are the same.
  const texts = own ?? units.map(({ key }) => answersOf(key)).find((some) => some !== undefined) ?? [];
  const truths = protocol.truths(scene, store.head, run.plan.switches);
  const asked = truths.map((truth, q): Rated => {
    const target = truth.map((one) => asSegment(one, size));
    const found = own?.[q]?.segments.map((one) => asSegment(one, size));
    const iou = found && BY_TEXT.has(name) ? queryIou(countPixels(union(found), union(target))) : undefined;
    return {
      iou: iou ?? -1,
      question: {
        ask: askOf(name, texts[q]?.text ?? '', target, store.head.categories),
        task: protocol.task,
        truth: target,
        ...(found === undefined ? {} : { answer: { by, segments: found } }),
        ...(iou === undefined ? {} : { note: `IoU ${iou.toFixed(2)}` }),
      },
    };
  });
  // Of the regions that are shown by box and by point, each by itself, the boxes are enough.
  const shown = name === 'prompted' ? asked.slice(0, 1) : asked.sort((a, b) => a.iou - b.iou);
  return { asStored: scene.drawn === 'stored', questions: shown.map(({ question }) => question) };
}

interface Rated {
  readonly iou: number;
  readonly question: StudioQuestion;
}

function askOf(
  protocol: string,
  text: string,
  truth: readonly Segment[],
  categories: readonly { readonly name: string }[],
): Question {
  if (BY_TEXT.has(protocol)) return text === '' ? {} : { text };
  if (protocol === 'prompted')
    return { prompts: truth.map(({ label, bbox: [x, y, w, h] }) => ({ label, box: [x, y, w, h] })) };
  return BY_CLASSES.has(protocol) ? { labels: categories.map(({ name }) => name) } : {};
}

function union(segments: readonly Segment[]) {
  return segments.length === 0 ? undefined : mergeMasks(segments.map(({ mask }) => mask));
}

function asSegment({ label, score, mask }: KeptSegment, size: readonly [number, number]): Segment {
  if (mask.size[0] !== size[0] || mask.size[1] !== size[1])
    throw new MaskloomError('RUN_INVALID', 'A stored mask has another size than its picture.', {
      where: label,
      hint: 'Run the command of the run again in a new folder.',
    });
  return { label, score, mask, area: maskArea(mask), bbox: maskBox(mask) };
}

import { join } from 'node:path';
import { maskArea, maskBox, MaskloomError, type Segment } from '@maskloom/core';
import { DEFAULT_MAX_PIXELS, loadImage } from '@maskloom/runtime';
import { openReport } from '@maskloom/report';
import type { ReportCell } from '@maskloom/report';
import { queryIou } from '@maskloom/metrics';
import { countPixels } from '@maskloom/metrics';
import { protocolNamed } from '../protocols/protocols.js';
import type { KeptSegment } from '../protocols/protocol.js';
import type { OpenRun } from '../runner/open-run.js';
import { union } from './image-scores.js';

/** What a page of overlays shows. */
export interface OverlayPage {
  readonly path: string;
  readonly title: string;
  readonly part: string;
  readonly protocol: string;
  /** Indices of scenes, in the order shown. */
  readonly scenes: readonly number[];
  /** Which question of each image is shown: where the mean IoU of the rows is lowest, or where they differ most. */
  readonly choice: 'worst' | 'different';
  /** Subjects, in the order of their columns. */
  readonly subjects: readonly number[];
  readonly labels: readonly string[];
  readonly facts: readonly (readonly [string, string])[];
}

/** Predictions and ground truth side by side, one question of each image. One file without a network. */
export async function writeOverlayPage(run: OpenRun, page: OverlayPage): Promise<void> {
  const { part, protocol, subjects, labels } = page;
  const store = run.units.store(part);
  if (store === undefined) return;
  const asked = protocolNamed(protocol);
  const report = await openReport(page.path, {
    title: page.title,
    columns: subjects.map((subject) => ({ id: labels[subject] ?? '', summary: asked.summary })),
    facts: page.facts,
    truth: true,
    // Of each image one question, chosen by how it went: their sum would mislead.
    totals: false,
  });
  try {
    for (const index of page.scenes) {
      const scene = store.read(index);
      const units = run.units.ofScene(part, index).filter((unit) => unit.protocol === protocol);
      const results = subjects.map((subject) => {
        const unit = units.find((one) => one.subject === subject);
        return unit && run.results.result(unit.key);
      });
      const truths = asked.truths(scene, store.head, run.plan.switches);
      const q = chosenQuestion(
        page.choice,
        truths,
        results.map((result) => result?.answers ?? []),
      );
      const truth = truths[q] ?? [];
      const text = results.find((result) => result !== undefined)?.answers[q]?.text ?? '';
      const cells = subjects.map((subject, s): ReportCell => {
        const column = labels[subject] ?? '';
        const answer = results[s]?.answers[q];
        if (answer === undefined)
          return {
            column,
            error: { code: 'NO RESULT', message: 'The unit failed or has not been computed.' },
          };
        const { recipe } = run.plan.subjects[subject] ?? { recipe: '/' };
        const [system = '', name = ''] = recipe.split('/');
        return {
          column,
          prediction: {
            system,
            recipe: name,
            request: { task: asked.task, text },
            answer: '',
            segments: answer.segments.map(asSegment),
            outcome: answer.outcome,
            stages: [],
            warnings: [],
          },
        };
      });
      try {
        const image = await loadImage(join(store.head.root, scene.image), {
          asStored: scene.drawn === 'stored',
          // What the run has read, its pages show.
          maxPixels: Math.max(scene.width * scene.height, DEFAULT_MAX_PIXELS),
        });
        await report.addRow({
          image,
          name: run.units.nameOf(part, index),
          request: { task: asked.task, text },
          cells,
          truth: { segments: truth.map(asSegment) },
        });
      } catch (error) {
        if (!MaskloomError.is(error)) throw error;
        await report.addFailure(run.units.nameOf(part, index), error);
      }
    }
    await report.finish();
  } finally {
    await report.discard();
  }
}

/** The question with the lowest mean IoU over all subjects, or with the largest spread; the first of equals. */
function chosenQuestion(
  choice: OverlayPage['choice'],
  truths: readonly (readonly KeptSegment[])[],
  answers: readonly (readonly { readonly segments: readonly KeptSegment[] }[])[],
): number {
  const rank = truths.map((truth, q) => {
    const target = union(truth);
    const ious = answers.map((one) => queryIou(countPixels(union(one[q]?.segments ?? []), target)));
    if (choice === 'different') return Math.min(...ious) - Math.max(...ious);
    return ious.reduce((sum, iou) => sum + iou, 0) / Math.max(1, ious.length);
  });
  return Math.max(0, rank.indexOf(Math.min(...rank)));
}

function asSegment({ label, score, mask }: KeptSegment): Segment {
  return { label, score, mask, area: maskArea(mask), bbox: maskBox(mask) };
}

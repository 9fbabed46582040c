import {
  requireFrame,
  throwIfAborted,
  toFrame,
  type BuiltStages,
  type ImageFrame,
  type RunContext,
  type Segment,
} from '@maskloom/core';
import type { MaskProposal } from './slots.js';
import type { EverythingWiring } from './wiring.js';

/** The name of every segment: nothing is known but that it is one. */
const LABEL = 'segment';

/** Prompts points view by view and keeps the good masks; one view's pixels and features are held at a time. */
export async function findEverything(
  stages: BuiltStages<EverythingWiring>,
  image: ImageFrame,
  run: RunContext,
): Promise<readonly Segment[]> {
  const plan = await stages.Tiler.plan(image, run);
  const found: MaskProposal[] = [];
  for (const planned of plan.views) {
    throwIfAborted(run.signal, 'sam/everything');
    const view = { ...planned }; // its pixels are made here, once
    const features = requireFrame(await stages.Encoder.encode(view.image, run), 'SamPx');
    const own: MaskProposal[] = [];
    for (const points of await stages.PointSampler.sample(view, plan, run)) {
      const { xy, labels } = toFrame(points, features.transform);
      const prompts = Array.from(labels, (_, i) => ({
        points: {
          frame: 'SamPx' as const,
          xy: xy.slice(2 * i, 2 * i + 2),
          labels: labels.slice(i, i + 1),
        },
      }));
      const masks = await stages.MaskDecoder.decode(features, prompts, run, 'every');
      own.push(...(await stages.MaskSifter.sift({ image, view, points, masks }, run)));
    }
    found.push(...(await stages.MaskSifter.suppress(own, run)));
  }
  return stages.MaskSifter.finish(found, plan, LABEL, run);
}

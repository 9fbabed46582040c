import {
  requireFrame,
  throwIfAborted,
  toFrame,
  type BuiltStages,
  type FeatureMap,
  type ImageFrame,
  type ImageView,
  type RunContext,
  type Segment,
  type TilePlan,
} from '@maskloom/core';
import type { MaskProposal } from './slots.js';
import type { EverythingWiring } from './wiring.js';

/** The name of every segment: nothing is known but that it is one. */
const LABEL = 'segment';

/**
 * Prompts points view by view and keeps the good masks; the pixels and features of as many views are held at a time as the
 * encoder takes in one call.
 */
export async function findEverything(
  stages: BuiltStages<EverythingWiring>,
  image: ImageFrame,
  run: RunContext,
): Promise<readonly Segment[]> {
  const plan = await stages.Tiler.plan(image, run);
  const found: MaskProposal[] = [];
  const batch = stages.Encoder.batch ?? 1;
  for (let from = 0; from < plan.views.length; from += batch) {
    throwIfAborted(run.signal, 'sam/everything');
    const views = plan.views.slice(from, from + batch).map((view) => ({ ...view })); // their pixels are made here, once
    const features = await Promise.all(views.map(({ image: pixels }) => stages.Encoder.encode(pixels, run)));
    for (const [i, view] of views.entries())
      found.push(
        ...(await findInView(stages, { image, view, plan }, requireFrame(features[i]!, 'SamPx'), run)),
      );
  }
  return stages.MaskSifter.finish(found, plan, LABEL, run);
}

/** The good masks of one view. */
async function findInView(
  stages: BuiltStages<EverythingWiring>,
  { image, view, plan }: { readonly image: ImageFrame; readonly view: ImageView; readonly plan: TilePlan },
  features: FeatureMap<'SamPx'>,
  run: RunContext,
): Promise<readonly MaskProposal[]> {
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
  return stages.MaskSifter.suppress(own, run);
}

import type { DenseView, Encoder, FeatureFuser, RunContext, TilePlan, VisionEncoder } from '@maskloom/core';

/** The stages that make features of a view. */
export interface ViewStages {
  readonly VisionEncoder: VisionEncoder;
  /** Absent where the text-aligned features stand alone (CAT-Seg). */
  readonly Encoder?: Encoder;
  readonly FeatureFuser: FeatureFuser;
}

/** The towers on every view, fused; without a second tower, the first one's features. */
export async function encodeViews(
  stages: ViewStages,
  plan: TilePlan,
  run: RunContext,
): Promise<readonly DenseView[]> {
  const views: DenseView[] = [];
  for (const { image } of plan.views) {
    // The picture is made ready for one tower while the other works.
    const [guidance, spatial] = await Promise.all([
      stages.VisionEncoder.encode(image, run),
      stages.Encoder?.encode(image, run),
    ]);
    views.push({ guidance, fused: await stages.FeatureFuser.fuse(guidance, spatial ?? guidance, run) });
  }
  return views;
}

import type { DenseView, Encoder, FeatureFuser, RunContext, TilePlan, VisionEncoder } from '@maskloom/core';

/** The stages that make features of a view. */
export interface ViewStages {
  readonly VisionEncoder: VisionEncoder;
  /** Absent where the text-aligned features stand alone (CAT-Seg). */
  readonly Encoder?: Encoder;
  readonly FeatureFuser: FeatureFuser;
}

/**
 * The towers on every view, fused; without a second tower, the first one's features. Each stage takes one view after the other,
 * and none waits for another that does not feed it: pictures are made ready for one tower while the other works.
 */
export async function encodeViews(
  { VisionEncoder, Encoder, FeatureFuser }: ViewStages,
  { views }: TilePlan,
  run: RunContext,
): Promise<readonly DenseView[]> {
  const stop = { failed: false };
  const guidances = inOrder(views, ({ image }) => VisionEncoder.encode(image, run), stop);
  const spatials = Encoder && inOrder(views, ({ image }) => Encoder.encode(image, run), stop);
  const fuse = async (_: unknown, at: number): Promise<DenseView> => {
    const [guidance, spatial] = await Promise.all([guidances[at]!, (spatials ?? guidances)[at]!]);
    return { guidance, fused: await FeatureFuser.fuse(guidance, spatial, run) };
  };
  const fused = inOrder(views, fuse, stop);
  const [all] = await Promise.all([
    Promise.all(fused),
    Promise.all(guidances),
    spatials && Promise.all(spatials),
  ]);
  return all;
}

/** Does work on one thing after the other, until any work fails. */
function inOrder<T, R>(
  things: readonly T[],
  work: (thing: T, at: number) => Promise<R>,
  stop: { failed: boolean },
): readonly Promise<R>[] {
  let before: Promise<unknown> = Promise.resolve();
  return things.map((thing, at) => {
    const mine = before.then(async () => {
      try {
        if (stop.failed) throw new Error('Another stage failed.');
        return await work(thing, at);
      } catch (cause) {
        stop.failed = true;
        throw cause;
      }
    });
    before = mine;
    return mine;
  });
}

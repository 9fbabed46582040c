import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, type Prediction } from '@maskloom/core';
import { conformanceCases, mustBeFinite, mustEqual, noise, probe } from '@maskloom/core/conformance';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { boxBlur } from './box-blur.js';
import { MaskSmoother } from './mask-smoother.js';
import { smoothedSam } from './smoothed-sam.js';

/** How the conformance suite calls a stage of the slot, and what must hold of its answer. */
export const maskSmootherProbe = probe('MaskSmoother', {
  call: (stage, at, run) => {
    const { mask: side } = at.sizes;
    const logits = noise(2 * side * side, 1);
    const quality = Float32Array.of(0.5, 0.9);
    const masks = { logits, count: 2, height: side, width: side, quality, transform: at.samTransform() };
    return stage.smooth(at.keep(masks), run);
  },
  check: ({ logits, count, height, width }, _stage, at) => {
    mustEqual([count, height, width], [2, at.sizes.mask, at.sizes.mask], 'the shape');
    mustBeFinite(logits, 'logits');
  },
});

/**
 * A slot of one's own (`mask-smoother.ts`) with a stage (`box-blur.ts`) and a recipe (`smoothed-sam.ts`): first checked
 * against the slot's contract, then run with two radii.
 * @param path - an image file
 * @param x - the point, in pixels of the image
 * @param y - likewise
 */
export async function main(path: string, x: number, y: number): Promise<readonly Prediction[]> {
  for (const { run } of conformanceCases('MaskSmoother', boxBlur(), { probe: maskSmootherProbe }))
    await run();

  await using models = onnx({ bundle: folderBundle(bundleDirectory), keepOpen: true });
  const image = await loadImage(path);
  const points = { frame: 'ImagePx', xy: Float32Array.of(x, y), labels: Int8Array.of(1) } as const;
  const predictions: Prediction[] = [];
  for (const radius of [0, 2]) {
    await using pipeline = await compose(smoothedSam)
      .with(MaskSmoother, boxBlur({ radius }))
      .on(models)
      .build();
    const prediction = await pipeline.segment(image, { task: 'prompted', prompts: [{ points }] });
    const smoother = prediction.stages.find(({ slot }) => slot === 'MaskSmoother');
    console.log(
      `radius ${radius}: ${prediction.segments[0]?.area ?? 0} pixels, ${smoother?.ms.toFixed(1)} ms`,
    );
    predictions.push(prediction);
  }
  return predictions;
}

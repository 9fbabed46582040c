import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, type Prediction, type SpatialPrompt } from '@maskloom/core';
import { withMaskLabels } from '@maskloom/lmseg';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { prompted } from '@maskloom/sam';

/**
 * SAM's masks with LMSeg's labels: SAM finds what is pointed at, and the nearest description names it.
 * @param path - an image file
 * @param points - one point in each region, [x, y] in pixels
 * @param labels - the classes to choose from
 */
export async function main(
  path: string,
  points: readonly (readonly [x: number, y: number])[],
  labels: readonly string[],
): Promise<Prediction> {
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using pipeline = await compose(withMaskLabels(prompted)).on(models).build();
  const prompts = points.map(([x, y]): SpatialPrompt => {
    return { points: { frame: 'ImagePx', xy: Float32Array.of(x, y), labels: Int8Array.of(1) } };
  });
  const image = await loadImage(path);
  const prediction = await pipeline.segment(image, { task: 'prompted', prompts, labels });
  for (const { label, area, bbox } of prediction.segments)
    console.log(`${label}: ${area} pixels in ${bbox.join(' ')}`);
  return prediction;
}

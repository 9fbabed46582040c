import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, type Prediction } from '@maskloom/core';
import { similarityAsPoints } from '@maskloom/read';
import { patch, withPoints } from '@maskloom/rose';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

/**
 * Two papers in one recipe: ROSE's patches propose, and READ's Similarity as Points gives each proposal points as extra
 * prompts. The weights never saw the two together, so this shows what the points alone change.
 * @param path - an image file
 * @returns the prediction without and with points
 */
export async function main(path: string): Promise<readonly [Prediction, Prediction]> {
  const image = await loadImage(path);
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using plain = await compose(patch).on(models).build();
  const mixed = withPoints(patch, similarityAsPoints({ preset: 'read-7b', count: 6 }));
  await using pointed = await compose(mixed).on(models).build();
  const without = await plain.segment(image, { task: 'free' });
  const withPointsToo = await pointed.segment(image, { task: 'free' });
  console.log(
    `${without.segments.length} segments without points, ${withPointsToo.segments.length} with them`,
  );
  return [without, withPointsToo];
}

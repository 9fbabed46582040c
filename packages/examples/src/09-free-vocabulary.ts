import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, type Prediction } from '@maskloom/core';
import { patch } from '@maskloom/rose';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

/**
 * Everything that is in an image, with names and without a list of classes; the answer is shown as it is written.
 * @param path - an image file
 * @returns ROSE's prediction
 */
export async function main(path: string): Promise<Prediction> {
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using pipeline = await compose(patch).on(models).build();
  pipeline.events.on('text', ({ text }) => console.log(text));
  const prediction = await pipeline.segment(await loadImage(path), { task: 'free' });
  for (const { label, score, evidence } of prediction.segments)
    console.log(`${label} ${score.toFixed(2)}, patch ${evidence?.patch?.row}/${evidence?.patch?.column}`);
  return prediction;
}

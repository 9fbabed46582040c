import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, PointPrompter, type Prediction } from '@maskloom/core';
import { full, similarityAsPoints, topKPoints } from '@maskloom/read';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

/**
 * READ with three ways of choosing points, everything else equal: one stage is swapped, the weights stay.
 * @param path - an image file
 * @param text - what to find
 * @returns the predictions by the name of the choice
 */
export async function main(path: string, text: string): Promise<ReadonlyMap<string, Prediction>> {
  await using models = onnx({ bundle: folderBundle(bundleDirectory), keepOpen: true });
  const image = await loadImage(path);
  const choices = {
    'as trained': compose(full),
    'one point': compose(full).with(PointPrompter, topKPoints({ positives: 1 })),
    "the paper's Algorithm 1": compose(full).with(
      PointPrompter,
      similarityAsPoints({ mode: 'meanSigma', epsilon: 0.5, discreteToContinuous: { distance: 'l2' } }),
    ),
  };

  const predictions = new Map<string, Prediction>();
  for (const [name, builder] of Object.entries(choices)) {
    await using pipeline = await builder.on(models).build();
    const prediction = await pipeline.segment(image, { task: 'referring', text });
    predictions.set(name, prediction);
    const [segment] = prediction.segments;
    const points = segment?.evidence?.points?.labels.length ?? 0;
    console.log(
      segment === undefined
        ? `${name}: no mask (${prediction.answer})`
        : `${name}: ${points} points, ${segment.area} pixels, score ${segment.score.toFixed(2)}`,
    );
  }
  return predictions;
}

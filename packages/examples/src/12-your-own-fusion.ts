import { z } from 'zod';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, defineStage, FeatureFuser, localTensor, type Prediction } from '@maskloom/core';
import { full, unitGrid } from '@maskloom/lmseg';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

/** CLIP's features, each cell mixed with the mean of the image: a fusion that no plugin has. */
export const withContext = defineStage({
  slot: FeatureFuser,
  name: 'my-fusion/with-context',
  summary: 'CLIP features, each mixed with the mean over the image.',
  options: z.object({ share: z.number().min(0).max(1).default(0.1) }),
  needs: ['dense-features'],
  gives: ['fused-features'],
  create: ({ share }) => ({
    fuse: async (dense) => {
      const { rows, columns, width } = dense;
      const cells = rows * columns;
      const grid = await unitGrid(dense);
      const mixed = grid.map((value, i) => {
        const from = Math.floor(i / cells) * cells;
        const mean = grid.subarray(from, from + cells).reduce((sum, one) => sum + one, 0) / cells;
        return (1 - share) * value + share * mean;
      });
      const tensor = localTensor([1, width, rows, columns], mixed);
      const features = { ...dense, layout: 'grid' as const, tensor };
      return { features: { ...features, tensor: localTensor(tensor.dims, await unitGrid(features)) } };
    },
  }),
});

/**
 * LMSeg with its learned fusion, and with the one above.
 * @param path - an image file
 * @param labels - the classes to look for
 */
export async function main(path: string, labels: readonly string[]): Promise<readonly Prediction[]> {
  await using models = onnx({ bundle: folderBundle(bundleDirectory), keepOpen: true });
  const image = await loadImage(path);
  const predictions: Prediction[] = [];
  for (const builder of [compose(full), compose(full).with(FeatureFuser, withContext({ share: 0.2 }))]) {
    await using pipeline = await builder.on(models).build();
    const prediction = await pipeline.segment(image, { task: 'semantic', labels });
    predictions.push(prediction);
    const found = prediction.segments.map(({ label, area }) => `${label} ${area}`);
    console.log(`${pipeline.recipe.stages.FeatureFuser?.name}: ${found.join(', ')}`);
  }
  return predictions;
}

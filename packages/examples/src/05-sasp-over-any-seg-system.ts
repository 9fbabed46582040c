import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, maskIou, type Prediction } from '@maskloom/core';
import { withSasP } from '@maskloom/read';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { single } from '@maskloom/stacked-seg';

/**
 * READ's Similarity as Points put over a system that knows nothing of it. The weights are the system's own and were
 * never trained with points, so this shows what the points alone change.
 * @param path - an image file
 * @param text - what to find
 * @returns the prediction without and with points
 */
export async function main(path: string, text: string): Promise<readonly [Prediction, Prediction]> {
  const image = await loadImage(path);
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using plain = await compose(single).on(models).build();
  await using pointed = await compose(withSasP(single, { preset: 'read-7b', count: 6 }))
    .on(models)
    .build();

  const without = await plain.segment(image, { task: 'referring', text });
  const withPoints = await pointed.segment(image, { task: 'referring', text });
  const [before, after] = [without.segments[0], withPoints.segments[0]];
  if (before === undefined || after === undefined) console.log(`no mask: ${without.answer}`);
  else {
    const { labels = [] } = after.evidence?.points ?? {};
    const kinds = [1, 0, -1].map((kind) => Array.from(labels).filter((label) => label === kind).length);
    console.log(`${kinds.join(' / ')} positive / negative / neutral points`);
    console.log(`masks with and without them agree to IoU ${maskIou(before.mask, after.mask).toFixed(3)}`);
  }
  return [without, withPoints];
}

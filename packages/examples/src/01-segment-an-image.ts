import { writeFile } from 'node:fs/promises';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, type Prediction } from '@maskloom/core';
import { paintOverlay } from '@maskloom/report';
import { full } from '@maskloom/read';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

/**
 * Segments what a phrase names in one image with READ, and saves the masks over the image.
 * @param path - an image file
 * @param text - the phrase, e.g. `the red striped star`
 * @param overlay - the PNG file to write; none when absent
 */
export async function main(path: string, text: string, overlay?: string): Promise<Prediction> {
  await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'auto' });
  await using read = await compose(full).on(models).build();
  const image = await loadImage(path);
  const prediction = await read.segment(image, { task: 'referring', text });

  console.log(`answer: ${prediction.answer}`);
  for (const { label, score, area, bbox } of prediction.segments) {
    console.log(`${label}: score ${score.toFixed(2)}, ${area} pixels, box ${bbox.join(' ')}`);
  }
  for (const { stage, ms, device } of prediction.stages) {
    console.log(`  ${stage} took ${ms.toFixed(1)} ms on ${device}`);
  }
  if (overlay !== undefined) await writeFile(overlay, await paintOverlay(image, prediction.segments));
  return prediction;
}

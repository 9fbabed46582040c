import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, PointPrompter, type Prediction } from '@maskloom/core';
import { conformanceCases } from '@maskloom/core/conformance';
import { full } from '@maskloom/read';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { spreadPoints } from './spread-points.js';

/**
 * A stage of one's own (`spread-points.ts`) in the place of READ's point prompter: first checked against the
 * slot's contract, then run.
 * @param path - an image file
 * @param text - what to find
 */
export async function main(path: string, text: string): Promise<Prediction> {
  const mine = spreadPoints({ count: 4, apart: 2.5 });
  const cases = conformanceCases('PointPrompter', mine);
  for (const { run } of cases) await run();
  console.log(`${mine.name} keeps the slot's contract (${cases.length} cases)`);

  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using read = await compose(full).with(PointPrompter, mine).on(models).build();
  const prediction = await read.segment(await loadImage(path), { task: 'referring', text });
  for (const { label, area, evidence } of prediction.segments) {
    const { xy = [] } = evidence?.points ?? {};
    console.log(`${label}: ${area} pixels from the points ${Array.from(xy, Math.round).join(' ')}`);
  }
  return prediction;
}

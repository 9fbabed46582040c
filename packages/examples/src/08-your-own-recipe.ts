import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, defineRecipe, toFrame, type FeatureMap, type Prediction } from '@maskloom/core';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';

/** A system of one's own: a mask from one click, with SAM's stages and no language model. */
const click = (x: number, y: number) =>
  defineRecipe({
    system: 'example',
    name: 'click',
    summary: 'SAM prompted by one click.',
    tasks: ['referring'],
    wiring: {
      Encoder: { supplies: ['image'], demands: ['mask-features'] },
      MaskDecoder: { supplies: ['mask-features', 'point-prompt'], demands: ['mask-logits'] },
      Assembler: { supplies: ['mask-logits'], demands: ['segments'] },
    },
    stages: { Encoder: samEncoder(), MaskDecoder: samMaskDecoder(), Assembler: thresholdAssembler() },
    // The decoder that READ trained for prompts of points alone.
    bundleRecipe: 'read/points',
    async run(stages, image, request, run) {
      const features = (await stages.Encoder.encode(image, run)) as FeatureMap<'SamPx'>;
      const here = { frame: 'ImagePx', xy: Float32Array.of(x, y), labels: Int8Array.of(1) } as const;
      const prompt = { points: toFrame(here, features.transform) };
      const decoded = await stages.MaskDecoder.decode(features, [prompt], run);
      const label = { label: request.text ?? 'thing', evidence: { points: here } };
      return { answer: '', segments: await stages.Assembler.assemble(decoded, [label], run) };
    },
  });

/**
 * Runs a recipe that no plugin has.
 * @param path - an image file
 * @param x - the click, in pixels of the image
 * @param y - likewise
 */
export async function main(path: string, x: number, y: number): Promise<Prediction> {
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using pipeline = await compose(click(x, y)).on(models).build();
  const request = { task: 'referring', text: `what is at ${x}, ${y}` } as const;
  const prediction = await pipeline.segment(await loadImage(path), request);
  console.log(`${prediction.segments[0]?.area ?? 0} pixels around (${x}, ${y})`);
  return prediction;
}

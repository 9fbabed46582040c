import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, defineRecipe, requireFrame, toFrame, type Prediction } from '@maskloom/core';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';

/** A system of one's own: SAM looks twice, the second time at its own first mask as well. */
const lookTwice = defineRecipe({
  system: 'example',
  name: 'look-twice',
  summary: 'SAM prompted by points, then by the same points and its own first mask.',
  tasks: ['prompted'],
  wiring: {
    Encoder: { supplies: ['image'], demands: ['mask-features'] },
    MaskDecoder: { supplies: ['mask-features', 'point-prompt', 'mask-prompt'], demands: ['mask-logits'] },
    Assembler: { supplies: ['mask-logits'], demands: ['segments'] },
  },
  stages: { Encoder: samEncoder(), MaskDecoder: samMaskDecoder(), Assembler: thresholdAssembler() },
  bundleRecipe: 'sam/prompted', // whose models it takes
  async run(stages, image, { prompts = [] }, run) {
    const features = requireFrame(await stages.Encoder.encode(image, run), 'SamPx');
    const first = prompts.flatMap(({ points }) =>
      points ? [{ points: toFrame(points, features.transform) }] : [],
    );
    const seen = await stages.MaskDecoder.decode(features, first, run);
    const size = seen.width * seen.height;
    const second = first.map((prompt, n) => ({
      ...prompt,
      mask: seen.logits.slice(n * size, (n + 1) * size),
    }));
    const decoded = await stages.MaskDecoder.decode(features, second, run);
    const labels = prompts.map(({ label = 'thing' }) => ({ label }));
    return { answer: '', segments: await stages.Assembler.assemble(decoded, labels, run) };
  },
});

/**
 * Runs a recipe that no plugin has.
 * @param path - an image file
 * @param x - the point, in pixels of the image
 * @param y - likewise
 */
export async function main(path: string, x: number, y: number): Promise<Prediction> {
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using pipeline = await compose(lookTwice).on(models).build();
  const points = { frame: 'ImagePx', xy: Float32Array.of(x, y), labels: Int8Array.of(1) } as const;
  const prediction = await pipeline.segment(await loadImage(path), {
    task: 'prompted',
    prompts: [{ points }],
  });
  console.log(`${prediction.segments[0]?.area ?? 0} pixels around (${x}, ${y})`);
  return prediction;
}

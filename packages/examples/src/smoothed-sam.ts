import { defineRecipe, requireFrame, toFrame } from '@maskloom/core';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';
import { boxBlur } from './box-blur.js';

/** SAM prompted by boxes and points, its masks smoothed before they are cut at the threshold. */
export const smoothedSam = defineRecipe({
  system: 'example',
  name: 'smoothed-sam',
  summary: 'SAM alone, with smoothed masks.',
  tasks: ['prompted'],
  wiring: {
    Encoder: { supplies: ['image'], demands: ['mask-features'] },
    MaskDecoder: { supplies: ['mask-features', 'box-prompt', 'point-prompt'], demands: ['mask-logits'] },
    MaskSmoother: { supplies: ['mask-logits'], demands: ['smooth-logits'] },
    Assembler: { supplies: ['mask-logits'], demands: ['segments'] },
  },
  stages: {
    Encoder: samEncoder(),
    MaskDecoder: samMaskDecoder(),
    MaskSmoother: boxBlur(),
    Assembler: thresholdAssembler(),
  },
  bundleRecipe: 'sam/prompted', // whose models it takes
  async run(stages, image, { prompts = [] }, run) {
    const features = requireFrame(await stages.Encoder.encode(image, run), 'SamPx');
    const given = prompts.map(({ box, points }) => ({
      ...(box && { box: toFrame(box, features.transform) }),
      ...(points && { points: toFrame(points, features.transform) }),
    }));
    const decoded = await stages.MaskDecoder.decode(features, given, run);
    const smooth = await stages.MaskSmoother.smooth(decoded, run);
    const labels = prompts.map(({ label = 'thing' }) => ({ label }));
    return { answer: '', segments: await stages.Assembler.assemble(smooth, labels, run) };
  },
});

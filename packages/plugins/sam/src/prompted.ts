import {
  defineRecipe,
  requireFrame,
  toFrame,
  type FeatureMap,
  type MaskPrompt,
  type Recipe,
  type SlotSignals,
  type SpatialPrompt,
} from '@maskloom/core';
import { samEncoder } from './encoder.js';
import { samMaskDecoder } from './mask-decoder.js';
import { thresholdAssembler } from './threshold-assembler.js';

/** What flows where when SAM is prompted directly. */
export interface PromptedWiring {
  /** Makes the features that masks are decoded from. */
  readonly Encoder: SlotSignals<'image', 'mask-features'>;
  /** Decodes one mask per prompt. */
  readonly MaskDecoder: SlotSignals<'mask-features' | 'box-prompt' | 'point-prompt', 'mask-logits'>;
  /** Turns decoded masks into segments. */
  readonly Assembler: SlotSignals<'mask-logits', 'segments'>;
}

/** SAM as it is: boxes and points in the image to masks. One segment per prompt, in the order of the prompts. */
export const prompted: Recipe<PromptedWiring> = defineRecipe({
  system: 'sam',
  name: 'prompted',
  summary: 'Segment Anything alone: one mask per box, set of points, or both.',
  tasks: ['prompted'],
  wiring: {
    Encoder: { supplies: ['image'], demands: ['mask-features'] },
    MaskDecoder: { supplies: ['mask-features', 'box-prompt', 'point-prompt'], demands: ['mask-logits'] },
    Assembler: { supplies: ['mask-logits'], demands: ['segments'] },
  },
  stages: { Encoder: samEncoder(), MaskDecoder: samMaskDecoder(), Assembler: thresholdAssembler() },
  async run(stages, image, { prompts = [] }, run) {
    const features = requireFrame(await stages.Encoder.encode(image, run), 'SamPx');
    const decoded = await stages.MaskDecoder.decode(
      features,
      prompts.map((prompt) => maskPrompt(prompt, features)),
      run,
    );
    const labels = prompts.map(({ label }, i) => ({ label: label ?? `prompt ${i + 1}` }));
    return { answer: '', segments: await stages.Assembler.assemble(decoded, labels, run) };
  },
});

/** A prompt in the image as one in SAM's frame. */
function maskPrompt({ box, points }: SpatialPrompt, { transform }: FeatureMap<'SamPx'>): MaskPrompt {
  return {
    ...(box === undefined ? {} : { box: toFrame(box, transform) }),
    ...(points === undefined || points.labels.length === 0 ? {} : { points: toFrame(points, transform) }),
  };
}

// N prompts in one call of the mask decoder, against N calls.
import { fakeRun } from '@maskloom/core/conformance';
import { samEncoder, samMaskDecoder } from '@maskloom/sam';
import { inTurns, ms, ratio } from './lib/measure.mjs';
import { image, openModels } from './lib/stage.mjs';

const PROMPTS = 32;

/** @returns rows of the report */
export async function measure({ rounds }) {
  const models = openModels();
  const host = await models.open('read/full');
  const context = { models: host, signal: new AbortController().signal, warn: () => undefined };
  const encoder = await samEncoder().create(context);
  const decoder = await samMaskDecoder().create(context);
  const run = fakeRun({ scope: host.scope() });
  const features = await encoder.encode(image(), run);
  const prompts = Array.from({ length: PROMPTS }, (_, i) => ({
    points: { frame: 'SamPx', xy: Float32Array.of(4 * i, 127 - 3 * i), labels: Int8Array.of(1) },
  }));
  const spent = await inTurns(
    {
      together: () => decoder.decode(features, prompts, run),
      'one by one': async () => {
        for (const prompt of prompts) await decoder.decode(features, [prompt], run);
      },
    },
    rounds,
  );
  run.scope.release();
  await models.dispose();
  return [
    {
      name: `${PROMPTS} prompts in one decoder call, against ${PROMPTS} calls`,
      value: ratio(spent.together / spent['one by one']),
      aim: '< 1',
      good: spent.together < spent['one by one'],
      detail: `${ms(spent.together)} against ${ms(spent['one by one'])}`,
    },
  ];
}

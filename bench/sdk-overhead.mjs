// What the SDK costs over bare ONNX Runtime sessions that make the same model calls on the same values.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { resolveMasks } from '@maskloom/core';
import { full } from '@maskloom/read';
import { folderBundle, openBundle, toClipInput, toSamInput } from '@maskloom/runtime';
import { inTurns, ms, percent } from './lib/measure.mjs';
import { bareSessions, recording } from './lib/record.mjs';
import { ASK, everyStage, image, openModels } from './lib/stage.mjs';

/** @returns rows of the report */
export async function measure({ rounds }) {
  const models = openModels();
  const calls = [];
  const recorder = await everyStage(full).on(recording(models, calls)).build();
  const sample = image();
  await recorder.segment(sample, ASK);
  await recorder.dispose();

  const bundle = await openBundle(folderBundle(bundleDirectory));
  const bare = await bareSessions(calls, (role) => bundle.model('read/full', role).path, 1);
  const pipeline = await everyStage(full).on(models).build();
  const [sam, clip] = [bundle.preset('read/full', 'sam'), bundle.preset('read/full', 'clip')];
  const side = sam.maskSize;
  const logits = Float32Array.from({ length: side * side }, (_, i) => Math.sin(i));
  const { transform } = await toSamInput(sample, sam);
  const decoded = { logits, count: 1, height: side, width: side, quality: Float32Array.of(1), transform };

  const spent = await inTurns(
    {
      sdk: () => pipeline.segment(sample, ASK),
      bare: () => bare.play(),
      'bare with image work': async () => {
        await toClipInput(sample, clip);
        await toSamInput(sample, sam);
        await bare.play();
        resolveMasks(decoded, { threshold: 0 });
      },
    },
    rounds,
  );
  await bare.close();
  await models.dispose();
  const over = (name) => spent.sdk / spent[name] - 1;
  return [
    {
      name: `SDK over bare sessions, the image's resizing and the mask's run-length code on both sides (${calls.length} model calls)`,
      value: percent(over('bare with image work')),
      aim: '< 5 %',
      good: over('bare with image work') < 0.05,
      detail: `${ms(spent.sdk)} against ${ms(spent['bare with image work'])}`,
    },
    {
      name: 'SDK over the bare sessions alone',
      value: percent(over('bare')),
      detail: `${ms(spent.sdk)} against ${ms(spent.bare)}`,
    },
  ];
}

// The worker of run.mjs: real images, masks and measures, and Segment Anything as the model: the cheapest there is. Keeps
// its own peak and processor time in a file.
import { writeFileSync } from 'node:fs';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose } from '@maskloom/core';
import { pipelineWorker, serveUnits } from '@maskloom/eval';
import { folderBundle, onnx } from '@maskloom/runtime';
import { prompted } from '@maskloom/sam';
import { peakBytes } from '../../../bench/lib/peak.mjs';

serveUnits(async (plan) => {
  const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu' });
  const sam = await compose(prompted).on(models).build();
  // Whatever is asked, the answer is what is in the middle of the image.
  const pipeline = {
    describe: () => sam.describe(),
    events: sam.events,
    async segment(frame, { text, labels }, options) {
      const { width, height } = frame;
      const label = text ?? labels[0];
      const box = { frame: 'ImagePx', x: width / 4, y: height / 4, width: width / 2, height: height / 2 };
      return sam.segment(frame, { task: 'prompted', prompts: [{ label, box }] }, options);
    },
  };
  const worker = pipelineWorker(plan, { subject: async () => pipeline, helper: async () => undefined });
  return {
    async run(scene, unit) {
      const result = await worker.run(scene, unit);
      const { user, system } = process.cpuUsage();
      const spent = { peakKb: peakBytes() / 1024, cpuMs: (user + system) / 1000 };
      writeFileSync(process.env['MEMORY_LOG'], JSON.stringify(spent));
      return result;
    },
  };
});

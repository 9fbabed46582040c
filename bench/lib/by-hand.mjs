// What a program written by hand for one system costs: the bare calls in a thread, one message there and one back, and on this
// thread what any program must do for the same masks: pixels to the models' inputs, logits to run lengths at image size. What is
// decided between the calls (READ's points, texts) it does not do: it is fed what was decided when the calls were recorded.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { resolveMasks } from '@maskloom/core';
import { toClipInput, toSamInput } from '@maskloom/runtime';
import { bareSessions } from './record.mjs';

/** How each tower is fed, and the preset that says so. */
const TOWERS = { samEncoder: [toSamInput, 'sam'], clipTower: [toClipInput, 'clip'] };

/**
 * Opens the program.
 * @param calls - as recorded; the last one decodes masks
 * @param pathOf - the file of a role
 * @param preset - a group of the bundle's constants
 */
export async function programByHand(calls, pathOf, preset) {
  const paths = Object.fromEntries(calls.map(({ role }) => [role, pathOf(role)]));
  const worker = new Worker(new URL(import.meta.url), { workerData: { byHand: calls, paths } });
  await once(worker, 'message');
  const towers = calls.flatMap(({ role }, at) => (role in TOWERS ? [{ at, role }] : []));
  return {
    async segment(image) {
      const pixels = {};
      let seen;
      for (const { at, role } of towers) {
        const [toInput, group] = TOWERS[role];
        const { tensor, transform } = await toInput(image, preset(group));
        pixels[at] = tensor.data;
        if (transform.frame === 'SamPx') seen = transform;
      }
      worker.postMessage(
        pixels,
        Object.values(pixels).map(({ buffer }) => buffer),
      );
      const [{ logits, quality, side }] = await once(worker, 'message');
      const size = { count: quality.length, width: side, height: side };
      return resolveMasks({ logits, quality, ...size, transform: seen });
    },
    async close() {
      worker.postMessage('close');
      await once(worker, 'exit');
    },
  };
}

/** The first mask of each prompt. */
function firstMasks({ masks, iou }) {
  const [count, each, side] = masks.dims;
  const size = side * side;
  const logits = new Float32Array(count * size);
  for (let n = 0; n < count; n++)
    logits.set(masks.data.subarray(n * each * size, (n * each + 1) * size), n * size);
  return { logits, quality: Float32Array.from({ length: count }, (_, n) => iou.data[n * each]), side };
}

if (!isMainThread && workerData?.byHand !== undefined) {
  const { byHand: calls, paths } = workerData;
  const bare = await bareSessions(calls, (role) => paths[role], 1);
  parentPort.on('message', async (message) => {
    if (message === 'close') {
      await bare.close();
      parentPort.close();
      return;
    }
    let given;
    for (const at of calls.keys()) {
      const results = await bare.run(at, at in message ? { pixel_values: message[at] } : {});
      if (at === calls.length - 1) given = firstMasks(results);
      for (const tensor of Object.values(results)) tensor.dispose();
    }
    parentPort.postMessage(given, [given.logits.buffer]);
  });
  parentPort.postMessage('ready');
}

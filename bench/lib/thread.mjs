// The bare calls of a pipeline in a thread of their own with nothing else in it: what the hop to a thread and back costs by itself.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { bareSessions } from './record.mjs';

/**
 * Opens bare sessions in a thread.
 * @param calls - as recorded; they are copied to the thread before anything is measured
 * @param pathOf - the file of a role
 * @returns plays all calls once, in order, a message and an answer for each
 */
export async function bareThread(calls, pathOf, threads) {
  const paths = Object.fromEntries(calls.map(({ role }) => [role, pathOf(role)]));
  const worker = new Worker(new URL(import.meta.url), { workerData: { calls, paths, threads } });
  await once(worker, 'message');
  return {
    async play() {
      for (let at = 0; at < calls.length; at++) {
        worker.postMessage(at);
        await once(worker, 'message');
      }
    },
    async close() {
      worker.postMessage('close');
      await once(worker, 'exit');
    },
  };
}

if (!isMainThread && workerData?.paths !== undefined) {
  const { calls, paths, threads } = workerData;
  const bare = await bareSessions(calls, (role) => paths[role], threads);
  parentPort.on('message', async (message) => {
    if (message === 'close') {
      await bare.close();
      parentPort.close();
    } else {
      await bare.one(message);
      parentPort.postMessage(message);
    }
  });
  parentPort.postMessage('ready');
}

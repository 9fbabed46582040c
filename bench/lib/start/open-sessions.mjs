// Opens the graphs that it is told, as plain sessions, and closes them; in a worker thread too: `workerData` names them.
import { isMainThread, workerData } from 'node:worker_threads';
import { InferenceSession } from 'onnxruntime-node';

/** @param {readonly string[]} graphs their paths */
export async function openSessions(graphs) {
  const options = { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1 };
  const sessions = await Promise.all(graphs.map((path) => InferenceSession.create(path, options)));
  for (const session of sessions) await session.release();
}

if (!isMainThread) await openSessions(workerData);

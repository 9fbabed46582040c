/** Entry point of the worker thread that owns a device: it answers the calls of one `Engine`, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { NativeGate } from './native-gate.js';
import { CallFailure, WorkerModels } from './worker-models.js';
import type { Answers, FromWorker, Operation, ToWorker } from './protocol.js';

const port = parentPort;
if (port === null) throw new Error('engine/worker.js runs only as a worker thread');

const gate = new NativeGate(workerData as SharedArrayBuffer);
const models = new WorkerModels();
let previous: Promise<void> = Promise.resolve();

port.on('message', (message: ToWorker) => {
  previous = previous.then(() => handle(message));
});

async function handle(message: ToWorker): Promise<void> {
  if (message.release !== undefined) models.release(message.release);
  if (message.op === 'release') return;
  const { call } = message;
  try {
    send({ call, answer: await gate.within(async () => answer(message)) });
  } catch (cause) {
    const failure = cause instanceof Error ? cause.message : String(cause);
    send(cause instanceof CallFailure ? { call, failure, at: cause.at } : { call, failure });
  }
  if (message.op === 'shutdown') port?.close();
}

function answer(
  message: Exclude<ToWorker, { op: 'release' }>,
): Promise<Answers[Operation]> | Answers[Operation] {
  switch (message.op) {
    case 'open':
      return models.open(message);
    case 'run':
      return models.run(message);
    case 'read':
      return models.read(message);
    case 'close':
      return models.close(message);
    case 'shutdown':
      return models.closeAll();
  }
}

function send(message: FromWorker): void {
  port?.postMessage(message, 'answer' in message ? buffersOf(message.answer) : []);
}

/** The buffers of an answer, all copies made for it: they are transferred. */
function buffersOf(answer: Answers[Operation]): ArrayBuffer[] {
  if (answer === null) return [];
  if ('data' in answer) return [answer.data.buffer as ArrayBuffer];
  if (!('length' in answer)) return [];
  return answer.flat().flatMap(({ early }) => (early === undefined ? [] : [early.buffer as ArrayBuffer]));
}

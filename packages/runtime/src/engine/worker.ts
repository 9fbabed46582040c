/** Entry point of the worker thread that owns a device: it answers the calls of one `Engine`, in order; decodings beside them. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { NativeGate } from './native-gate.js';
import { CallFailure, WorkerModels } from './worker-models.js';
import type { Answers, FromWorker, Operation, ToWorker } from './protocol.js';

const port = parentPort;
if (port === null) throw new Error('engine/worker.js runs only as a worker thread');

const gate = new NativeGate(workerData as SharedArrayBuffer);
const models = new WorkerModels();
let previous: Promise<unknown> = Promise.resolve();
/** Decodings that are being written, by call. */
const written = new Map<number, { cancelled: boolean; readonly end: Promise<void> }>();
/** Calls that have not begun, and whether they still are wanted. */
const waiting = new Map<number, { wanted: boolean }>();

port.on('message', take);

function take(message: ToWorker): void {
  if (message.op === 'cancel') cancel(message.call);
  else if (message.op === 'greedy') write(message);
  else if (message.op === 'shutdown') void shutdown(message);
  else {
    if (message.op === 'run') waiting.set(message.call, { wanted: true });
    void inTurn(() => handle(message));
  }
}

/** Takes what came while a model ran: a call may not be wanted any more. */
function catchUp(): void {
  if (port === null) return;
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    port.emit('message', (next as { readonly message: ToWorker }).message);
}

/** Does work after all that was asked before. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = previous.then(work);
  previous = done.catch(() => undefined);
  return done;
}

type Call = Exclude<ToWorker, { op: 'release' | 'cancel' | 'greedy' }>;

async function handle(message: Call | Extract<ToWorker, { op: 'release' }>): Promise<void> {
  if (message.release !== undefined) models.release(message.release);
  if (message.op === 'release') return;
  await reply(message.call, () => gate.within(async () => answer(message)));
  if (message.op === 'shutdown') port?.close();
}

/** A decoding takes its turn for each token, so that calls of others come between. */
function write(message: Extract<ToWorker, { op: 'greedy' }>): void {
  const { call, release, told } = message;
  if (release !== undefined) void inTurn(async () => models.release(release));
  const end = reply(call, () =>
    models.greedy(message, (work) => inTurn(() => gate.within(work)), {
      check: () => {
        if (written.get(call)?.cancelled === true) throw new Error('cancelled');
      },
      told: (token) => {
        if (told === 'every' || (told === 'watched' && message.rules.watch.includes(token)))
          send({ call, token });
      },
    }),
  );
  written.set(call, { cancelled: false, end });
  void end.then(() => written.delete(call));
}

function cancel(call: number): void {
  const one = written.get(call);
  if (one !== undefined) one.cancelled = true;
  const other = waiting.get(call);
  if (other !== undefined) other.wanted = false;
}

/** Decodings end before the sessions do. */
async function shutdown(message: Extract<ToWorker, { op: 'shutdown' }>): Promise<void> {
  for (const call of written.keys()) cancel(call);
  await Promise.all([...written.values()].map(({ end }) => end));
  await inTurn(() => handle(message));
}

async function reply(call: number, work: () => Promise<Answers[Operation]>): Promise<void> {
  try {
    send({ call, answer: await work() });
  } catch (cause) {
    const failure = cause instanceof Error ? cause.message : String(cause);
    send(cause instanceof CallFailure ? { call, failure, at: cause.at } : { call, failure });
  }
}

function answer(message: Call): Promise<Answers[Operation]> | Answers[Operation] {
  switch (message.op) {
    case 'open':
      return models.open(message);
    case 'simplify':
      return models.simplify(message);
    case 'run':
      begin(message.call);
      return models.run(message);
    case 'read':
      return models.read(message);
    case 'close':
      return models.close(message);
    case 'shutdown':
      return models.closeAll();
  }
}

/** @throws Error when a call was cancelled before it began */
function begin(call: number): void {
  catchUp();
  const wanted = waiting.get(call)?.wanted;
  waiting.delete(call);
  if (wanted === false) throw new Error('cancelled');
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

/**
 * Entry point of the process that decodes pictures: a native decoder cannot be stopped, and a picture made to hang or to
 * fill the memory must not take the caller with it. Reads requests from standard input, answers on standard output.
 */
import { writeSync } from 'node:fs';
import { decodeTask, shutOtherLoaders } from './decode-task.js';
import { FrameReader, type Frame } from './frame-reader.js';
import { frameHead, type DecodeReply, type DecodeRequest } from './messages.js';

const WATCH_MS = 20;

/** Ends this process whatever its native threads do: `process.exit` would wait for them. */
function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}

function send(reply: DecodeReply, data: Uint8Array = new Uint8Array(0)): void {
  for (const part of [frameHead(reply), data]) {
    for (let at = 0; at < part.length;) at += writeSome(part.subarray(at));
  }
}

/** A pipe that is full says EAGAIN where it does not block. */
function writeSome(part: Uint8Array): number {
  try {
    return writeSync(1, part);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return 0;
  }
}

async function answer({ message: request, bytes }: Frame<DecodeRequest>): Promise<void> {
  const most = request.maxMemory;
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() <= most) return;
    send({ ok: false, kind: 'memory', message: `more than ${Math.round(most / 2 ** 20)} MiB` });
    endNow();
  }, WATCH_MS);
  const result = await decodeTask(request, bytes);
  clearInterval(watch);
  if ('ok' in result) send(result);
  else send({ ok: true, bytes: result.data.length, ...result.header }, result.data);
}

shutOtherLoaders();
// Ctrl-C in a terminal reaches every process of its group; the caller decides.
process.on('SIGINT', () => undefined);
const reader = new FrameReader<DecodeRequest>((frame) => void answer(frame).catch(endNow));
process.stdin.on('data', (piece: Buffer) => reader.take(piece));
process.stdin.on('end', endNow);
process.stdin.on('error', endNow);

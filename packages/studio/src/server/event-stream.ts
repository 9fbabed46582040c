import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Server-sent events to one client. */
export interface EventStream {
  /** Aborted when the client goes away before the end. */
  readonly signal: AbortSignal;
  /** Sends an event; its data is written as JSON. Nothing happens after the end. */
  send(event: string, data: unknown): void;
  /** Ends the stream. */
  end(): void;
}

/** How often a line is sent that means nothing, so that a client that is gone is noticed. */
const HEARTBEAT_MS = 15_000;

/** Starts answering with server-sent events. */
export function openEvents(reply: FastifyReply): EventStream {
  const body = new PassThrough();
  const gone = new AbortController();
  const beat = setInterval(() => body.write(': \n\n'), HEARTBEAT_MS);
  beat.unref();
  reply.raw.on('close', () => {
    clearInterval(beat);
    if (!body.writableEnded) gone.abort(new DOMException('The client went away.', 'AbortError'));
    body.destroy();
  });
  void reply.type('text/event-stream').header('x-accel-buffering', 'no').send(body);
  return {
    signal: gone.signal,
    send(event, data) {
      if (!body.destroyed && !body.writableEnded)
        body.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    end() {
      if (!body.destroyed) body.end();
    },
  };
}

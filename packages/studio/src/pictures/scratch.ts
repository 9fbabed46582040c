import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partialPath, removeAbandoned } from '@maskloom/core';

/** A folder for uploads that nobody else can read. */
export interface Scratch {
  /** Where it is. */
  readonly folder: string;
  /** Removes it with everything in it. */
  remove(): Promise<void>;
}

/** Makes a scratch folder; it goes with the process, and what killed ones left goes now. */
export async function makeScratch(): Promise<Scratch> {
  removeAbandoned(tmpdir());
  const folder = partialPath(join(tmpdir(), 'maskloom-studio'));
  await mkdir(folder, { mode: 0o700 });
  const onExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', onExit);
  return {
    folder,
    async remove() {
      process.off('exit', onExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

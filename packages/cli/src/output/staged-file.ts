import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MaskloomError, moveFile, partialPath, removeAbandoned } from '@maskloom/core';

/** A file that appears whole or not at all. */
export interface StagedFile {
  /**
   * Puts the content in place, over an earlier file.
   * @throws MaskloomError OUTPUT_UNWRITABLE
   */
  write(text: string): void;
}

/**
 * Makes sure that a file can be written, without leaving anything behind.
 * @throws MaskloomError OUTPUT_UNWRITABLE when its folder is missing or not writable, or a folder has its name
 */
export function reserveFile(out: string): StagedFile {
  const target = resolve(out);
  const beside = partialPath(target);
  const stage = (text: string, place: boolean): void => {
    try {
      if (existsSync(target) && statSync(target).isDirectory()) throw new Error('it is a folder');
      removeAbandoned(dirname(target));
      writeFileSync(beside, text);
      if (place) moveFile(beside, target);
    } catch (cause) {
      throw new MaskloomError(
        'OUTPUT_UNWRITABLE',
        `The file cannot be written: ${(cause as Error).message}.`,
        {
          where: out,
          hint: 'Give another file to --out.',
          cause,
        },
      );
    } finally {
      rmSync(beside, { force: true });
    }
  };
  stage('', false);
  return { write: (text) => stage(text, true) };
}

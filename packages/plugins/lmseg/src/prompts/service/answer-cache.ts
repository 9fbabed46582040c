import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MaskloomError, placeFile, removeAbandoned } from '@maskloom/core';
import type { ClassDescription } from '../variants.js';
import { checkDescription } from './answer.js';

/** Answers by what was asked, in a folder; a file that cannot be understood is as if it were not there. */
export class AnswerCache {
  readonly #folder: string | undefined;
  /** Nothing has been kept yet: what killed processes left is removed first. */
  #fresh = true;

  /** @param folder - made when missing; nothing is kept when absent */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** The answer to a question, when it is there and whole. */
  async find(asked: unknown): Promise<ClassDescription | undefined> {
    if (this.#folder === undefined) return undefined;
    try {
      return checkDescription(JSON.parse(await readFile(this.#path(asked), 'utf8')));
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps an answer.
   * @throws MaskloomError OUTPUT_UNWRITABLE
   */
  async keep(asked: unknown, answer: ClassDescription): Promise<void> {
    if (this.#folder === undefined) return;
    const path = this.#path(asked);
    try {
      await mkdir(this.#folder, { recursive: true });
      if (this.#fresh) removeAbandoned(this.#folder);
      this.#fresh = false;
      placeFile(path, `${JSON.stringify(answer)}\n`);
    } catch (cause) {
      throw new MaskloomError('OUTPUT_UNWRITABLE', `An answer cannot be kept: ${String(cause)}`, {
        where: path,
        hint: 'Give a cache folder that can be written, or none.',
        cause,
      });
    }
  }

  #path(asked: unknown): string {
    const name = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
    return join(this.#folder ?? '', `${name}.json`);
  }
}

import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { abandoned, MaskloomError, OWNER_TAG } from '@maskloom/core';

/** What an interrupted run leaves for `--resume`: not taken for rubbish by other commands. */
const MARK = '.maskloom-unfinished-';

function prefixOf(target: string): string {
  return `.${basename(target)}${MARK}`;
}

/** Where a folder that can be gone on with is filled, beside `target`. */
export function unfinishedPath(target: string): string {
  return join(dirname(target), `${prefixOf(target)}${OWNER_TAG}`);
}

/**
 * Deals with what runs of this machine that are no more left behind of this folder.
 * @param resume - true takes the newest over, as {@link unfinishedPath}
 * @returns whether there was any
 * @throws MaskloomError OUTPUT_UNWRITABLE when one is to be taken over and there are only those of processes that live, or of
 * another machine
 */
export function takeUnfinished(target: string, resume: boolean): boolean {
  const left = abandoned(dirname(target), prefixOf(target)).map((path) => ({
    path,
    at: statSync(path).mtimeMs,
  }));
  left.sort((a, b) => b.at - a.at);
  const [newest] = left;
  if (resume && newest === undefined) refuseBusy(target);
  if (resume && newest !== undefined) renameSync(newest.path, unfinishedPath(target));
  for (const { path } of resume ? left.slice(1) : left) rmSync(path, { recursive: true, force: true });
  return newest !== undefined;
}

function refuseBusy(target: string): void {
  const folder = dirname(target);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const other = names.find((name) => name.startsWith(prefixOf(target)) && !name.endsWith(OWNER_TAG));
  if (other === undefined) return;
  throw new MaskloomError(
    'OUTPUT_UNWRITABLE',
    'What is to be gone on with belongs to a process that still runs, or that ran on another machine.',
    {
      where: join(folder, other),
      hint: 'Wait until it has ended; of another machine, go on there or remove the folder.',
    },
  );
}

import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { forceTree, MaskloomError, moveFile, moveFolder, partialPath, removeAbandoned } from '@maskloom/core';
import { takeUnfinished, unfinishedPath } from './unfinished.js';
import { MARKER, markerText, readMarker } from './marker.js';

/** A folder that is filled beside its place and appears there whole, or not at all. */
export interface StagedFolder {
  /** Where to write meanwhile. */
  readonly path: string;
  /**
   * Puts everything in place. A new folder is renamed as a whole. In an existing one only files that an earlier run
   * wrote are replaced or removed; everything else there stays.
   * @throws MaskloomError OUTPUT_UNWRITABLE when a file of another origin is in the way
   */
  commit(): Promise<void>;
  /** Gives up: removes what was written, unless it is kept. Harmless after `commit`. */
  discard(): void;
}

/** How a folder that is not finished is kept. */
export interface Keeping {
  /** Goes on with what an interrupted run left of the same folder; else that is thrown away. */
  readonly resume: boolean;
  /** Whether what there is so far is worth keeping, asked when the run ends early. */
  readonly worth: () => boolean;
  /** Told whether an interrupted run had left something. */
  readonly onFound?: () => void;
}

/**
 * Starts filling a folder. Fails before anything is written when the folder cannot be filled in the end. What is
 * staged also goes when the process ends early.
 * @param out - the folder to make or to fill
 * @param reserved - names at its top that will be written
 * @param keeping - keeps what is staged when the process ends early, also by a kill; all of it goes when absent
 * @throws MaskloomError OUTPUT_UNWRITABLE
 */
export function stageFolder(out: string, reserved: readonly string[], keeping?: Keeping): StagedFolder {
  const target = resolve(out);
  const exists = existsSync(target);
  const owned = exists ? checkExisting(target, out, reserved) : new Set<string>();
  const madeParents = exists ? [] : attempt(out, () => makeParents(dirname(target)));
  // Inside an existing folder (it may be a mount of its own), else beside: always one rename away.
  const place = exists ? join(target, 'out') : target;
  const path = keeping === undefined ? partialPath(place) : unfinishedPath(place);
  attempt(out, () => removeAbandoned(dirname(path)));
  let open = true;
  let placed = false;
  const discard = (): void => {
    if (!open) return;
    open = false;
    process.off('exit', discard);
    if (!placed && keeping?.worth() === true) return;
    rmSync(path, { recursive: true, force: true });
    for (const made of madeParents) removeIfEmpty(made);
  };
  attempt(out, () => {
    if (keeping !== undefined && takeUnfinished(place, keeping.resume)) keeping.onFound?.();
    mkdirSync(path, { recursive: true });
  });
  process.once('exit', discard);
  return {
    path,
    async commit() {
      // A killed process may have lived on for a moment.
      if (keeping !== undefined) attempt(out, () => takeUnfinished(place, false));
      const files = listFiles(path);
      try {
        if (exists) await merge(path, target, files, owned, out);
        else {
          writeFileSync(join(path, MARKER), markerText(files));
          await moveFolder(path, target);
        }
      } catch (error) {
        throw asUnwritable(out, error);
      }
      placed = true;
      open = !exists ? false : open;
      process.off('exit', discard);
      if (exists) discard();
    },
    discard,
  };
}

/** What an earlier run wrote into an existing folder. */
function checkExisting(target: string, out: string, reserved: readonly string[]): Set<string> {
  if (!statSync(target).isDirectory()) throw unwritable(out, 'it is a file, not a folder');
  const owned = readMarker(target);
  const names = readdirSync(target);
  const stranger = owned.size > 0 ? undefined : reserved.find((name) => names.includes(name));
  if (stranger !== undefined)
    throw unwritable(out, `it holds '${stranger}', which no earlier comparison wrote`);
  return owned;
}

async function merge(
  from: string,
  target: string,
  files: readonly string[],
  owned: ReadonlySet<string>,
  out: string,
): Promise<void> {
  const stranger = files.find((file) => !owned.has(file) && existsSync(join(target, file)));
  if (stranger !== undefined)
    throw unwritable(out, `it holds '${stranger}', which no earlier comparison wrote`);
  await forceTree(from);
  for (const file of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    renameSync(join(from, file), join(target, file));
  }
  const kept = new Set(files);
  for (const file of owned) {
    if (kept.has(file)) continue;
    rmSync(join(target, file), { force: true });
    removeEmpty(dirname(join(target, file)), target);
  }
  writeFileSync(join(from, MARKER), markerText(files));
  moveFile(join(from, MARKER), join(target, MARKER));
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, '/'),
    )
    .sort();
}

/**
 * Makes a folder and those above it. One by one: a recursive `mkdir` never returns where the file system answers
 * ENOENT below a folder that exists.
 * @returns the folders made, innermost first
 */
function makeParents(folder: string): readonly string[] {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.push(at);
  const made: string[] = [];
  try {
    for (const at of missing.toReversed()) {
      mkdirSync(at);
      made.unshift(at);
    }
  } catch (error) {
    made.forEach(removeIfEmpty);
    throw error;
  }
  return made;
}

/** Removes a folder and those above it, up to but not including `end`, while they are empty. */
function removeEmpty(folder: string, end: string): void {
  for (let at = folder; at.startsWith(end) && at !== end; at = dirname(at)) {
    if (!removeIfEmpty(at)) return;
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function attempt<T>(out: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw asUnwritable(out, cause);
  }
}

function asUnwritable(out: string, cause: unknown): MaskloomError {
  return MaskloomError.is(cause) ? cause : unwritable(out, (cause as Error).message, cause);
}

/** The error of an output folder that cannot be written. */
export function unwritable(out: string, why: string, cause?: unknown): MaskloomError {
  return new MaskloomError('OUTPUT_UNWRITABLE', `The output folder cannot be written: ${why}.`, {
    where: out,
    hint: 'Give another folder to --out, or make room there.',
    ...(cause === undefined ? {} : { cause }),
  });
}

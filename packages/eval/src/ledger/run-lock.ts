import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MaskloomError, OWNER_TAG, removeAbandoned } from '@maskloom/core';
import { z } from 'zod';
import { processStart } from './process-start.js';

const holderSchema = z.object({ pid: z.number().int().positive(), started: z.string(), host: z.string() });
type Holder = z.output<typeof holderSchema>;

/** Name of the lock in a run's folder. */
export const LOCK_FILE = 'run.lock';

/** The right to write into a run's folder. */
export interface RunLock extends Disposable {
  /** Gives the right back. Idempotent. */
  release(): void;
}

/**
 * Makes sure that no other process works on a run. The lock is a file that names its holder by number and start time; one
 * whose holder no longer lives on this machine is taken over. Of a holder on another machine nobody here can tell.
 * @param takeOver - says that the holder on another machine is gone: its lock is taken. One that lives on this machine keeps it.
 * @throws MaskloomError `RUN_BUSY` naming the holder, `OUTPUT_UNWRITABLE`
 */
export function lockRun(folder: string, takeOver = false): RunLock {
  const path = join(folder, LOCK_FILE);
  const mine = `${path}.${OWNER_TAG}`;
  const me: Holder = {
    pid: process.pid,
    started: processStart(process.pid) ?? 'unknown',
    host: hostname(),
  };
  const text = `${JSON.stringify(me)}\n`;
  try {
    removeAbandoned(folder, `${LOCK_FILE}.`);
    writeFileSync(mine, text);
    // A link appears whole and only where nothing is: the first wins.
    for (let attempt = 0; !tryLink(mine, path); attempt++) {
      const found = readLock(path);
      if (found === undefined) continue;
      if (attempt > 100 || isHeld(found, takeOver)) throw busy(path, found.holder);
      takeAway(path, found.text, `${mine}-1`);
    }
  } catch (cause) {
    if (MaskloomError.is(cause)) throw cause;
    throw new MaskloomError('OUTPUT_UNWRITABLE', `The run cannot be locked: ${(cause as Error).message}.`, {
      where: folder,
      hint: 'Give another folder to --out, or make room there.',
      cause,
    });
  } finally {
    rmSync(mine, { force: true });
  }
  const release = (): void => {
    if (readLock(path)?.text === text) rmSync(path, { force: true });
  };
  return { release, [Symbol.dispose]: release };
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readLock(path: string): { readonly text: string; readonly holder: Holder | undefined } | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, holder: parse(text) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A lock of another machine counts as held, unless the caller knows better: its process cannot be seen from here. */
function isHeld({ holder }: { readonly holder: Holder | undefined }, takeOver: boolean): boolean {
  if (holder === undefined) return false;
  if (holder.host !== hostname()) return !takeOver;
  const started = processStart(holder.pid);
  return started !== undefined && (started === holder.started || started === 'unknown');
}

/** Removes a stale lock, unless another process has just put its own in the same place. */
function takeAway(path: string, stale: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readLock(aside)?.text !== stale) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function busy(path: string, holder: Holder | undefined): MaskloomError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new MaskloomError('RUN_BUSY', `The run is being worked on by ${who}.`, {
    where: path,
    hint:
      holder === undefined || holder.host === hostname()
        ? 'Wait for it, stop it, or give another folder to --out.'
        : `If it no longer runs there, run the same command with --take-over; ${holder.host} cannot be asked from here.`,
  });
}

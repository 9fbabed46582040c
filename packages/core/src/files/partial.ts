import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** Numbers of processes mean something on one machine only; folders are shared between machines. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const OWNER = /^([1-9]\d{0,9})-([0-9a-f]{8})(?:-\d+)?$/;
const MARK = '.maskloom-partial-';

/** What says in a file's name whose it is: this process's number and machine. */
export const OWNER_TAG = `${process.pid}-${HOST}`;
let made = 0;

/**
 * A path beside another one, for what is written there before it is put in place. The name says whose it is, so that
 * `removeAbandoned` can tell what a killed process left.
 * @param path - the place
 */
export function partialPath(path: string): string {
  const place = resolve(path);
  return join(dirname(place), `.${basename(place)}${MARK}${OWNER_TAG}-${made++}`);
}

/**
 * Removes what killed processes left behind in a folder. Only what surely has no owner any more goes: made on this machine by
 * a process that does not live. What another machine left stays, for nobody here can tell.
 * @param folder - need not be there
 * @param prefix - of the names to look at, before the owner's tag; absent = everything that `partialPath` names
 */
export function removeAbandoned(folder: string, prefix?: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const at = prefix === undefined ? name.lastIndexOf(MARK) : name.startsWith(prefix) ? 0 : -1;
    if (at < 0) continue;
    const owner = OWNER.exec(name.slice(at + (prefix ?? MARK).length));
    if (owner?.[2] === HOST && !isAlive(Number(owner[1])))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

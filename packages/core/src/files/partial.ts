import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
  for (const path of abandoned(folder, prefix)) rmSync(path, { recursive: true, force: true });
}

/**
 * What killed processes of this machine left behind in a folder.
 * @param folder - need not be there
 * @param prefix - as of {@link removeAbandoned}
 * @returns full paths
 */
export function abandoned(folder: string, prefix?: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => {
    const at = prefix === undefined ? name.lastIndexOf(MARK) : name.startsWith(prefix) ? 0 : -1;
    const owner = at < 0 ? null : OWNER.exec(name.slice(at + (prefix ?? MARK).length));
    return owner?.[2] === HOST && !isAlive(Number(owner[1])) ? [join(folder, name)] : [];
  });
}

/**
 * Whether a process of this machine lives. One that has ended counts as dead although its parent has not asked how: in a
 * container without an init process nobody ever does.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets, which may hold blanks; the state follows it.
    return !/^[ZXx]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return true;
  }
}

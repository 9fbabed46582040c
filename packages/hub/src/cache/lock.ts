import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { pause } from '../client/request.js';

/** The holder says this often that it is alive. */
const BEAT = 5_000;
/** A lock that was silent for so long has no holder. */
const SILENT = 30_000;
const LOOK_AGAIN = 200;

/**
 * Does work while no other process does work under the same lock. A lock whose process is gone is taken over.
 * @param path - the lock's file
 * @param onWait - told once when another process holds the lock
 * @throws MaskloomError ABORTED while waiting
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let told = false;
  while (!(await take(path))) {
    if (await abandoned(path)) {
      await clear(path);
      continue;
    }
    if (!told) onWait();
    told = true;
    await pause(LOOK_AGAIN, signal);
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), BEAT);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function abandoned(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > SILENT) return true;
    const holder = JSON.parse(await readFile(path, 'utf8')) as { pid?: unknown; host?: unknown };
    return holder.host === hostname() && typeof holder.pid === 'number' && !alive(holder.pid);
  } catch {
    // It was given back just now, or its holder is about to write into it.
    return false;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Takes an abandoned lock away. Of two that try, the second renames nothing, or a lock taken since: then it is put back. */
async function clear(path: string): Promise<void> {
  const aside = `${path}.${process.pid}.old`;
  const renamed = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!renamed) return;
  if (await abandoned(aside)) await rm(aside, { force: true });
  else await rename(aside, path).catch(() => undefined);
}

import { mkdir, statfs } from 'node:fs/promises';
import { MaskloomError } from '@maskloom/core';
import { sizeText } from '@maskloom/runtime';

/** Left free on the disk. */
const SPARE = 64e6;

/**
 * Asks for room on the disk before anything is written.
 * @param folder - made when it is not there
 * @param bytes - what is to be written
 * @throws MaskloomError DISK_FULL
 */
export async function askForRoom(folder: string, bytes: number): Promise<void> {
  if (bytes === 0) return;
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes + SPARE) return;
  throw new MaskloomError(
    'DISK_FULL',
    `${sizeText(bytes)} are to be written and ${sizeText(free)} are free.`,
    {
      where: folder,
      hint: 'Make room (maskloom hub rm), or set HF_HUB_CACHE and MASKLOOM_CACHE to folders on another disk.',
    },
  );
}

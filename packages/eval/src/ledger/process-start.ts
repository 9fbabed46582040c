import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isAlive } from '@maskloom/core';

/**
 * When a process started, as text that differs for another process with the same number: an operating system reuses
 * numbers. From `/proc` on Linux (boot and clock ticks since then), from `ps` elsewhere.
 * @returns `undefined` when there is no such process; `unknown` when the system does not tell
 */
export function processStart(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The second field is the name in brackets, which may hold blanks; the start time is the 22nd.
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
    }
    if (process.platform !== 'win32')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // Gone meanwhile, or not told.
  }
  return isAlive(pid) ? 'unknown' : undefined;
}

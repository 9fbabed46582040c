import { readFileSync } from 'node:fs';

/**
 * The highest resident memory of this process in bytes. On Linux it is the kernel's own mark of this program: what
 * `process.resourceUsage()` says there begins with the memory of the process that started it.
 */
export function peakBytes() {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Another system.
  }
  return process.resourceUsage().maxRSS * 1024;
}

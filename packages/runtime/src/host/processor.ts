import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { arch, cpus, hostname, platform } from 'node:os';

/** Lines of Linux's description of a processor that say what it can compute (x86: flags, ARM: Features). */
const KIND = /^(?:model name|flags|Features|CPU implementer|CPU part)\s*:.*$/gm;
/** The first processor's lines: the others are of the same kind, and a large machine's description takes long to write. */
const ENOUGH = 8192;

/**
 * The kind of processor of this machine, for what is computed for it: equal where its instructions are. Where the system does
 * not list them, the machine's own name stands for them.
 * @param description - file that lists them; another one in tests
 * @returns twelve hexadecimal digits
 */
export function processorKind(description = '/proc/cpuinfo'): string {
  const said = firstOf(description).match(KIND)?.join('\n') ?? `${hostname()} ${cpus()[0]?.model ?? ''}`;
  return createHash('sha256').update(`${platform()} ${arch()}\n${said}`).digest('hex').slice(0, 12);
}

function firstOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const text = Buffer.alloc(ENOUGH);
      return text.toString('utf8', 0, readSync(file, text, 0, ENOUGH, 0)).split('\n\n', 1)[0] ?? '';
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

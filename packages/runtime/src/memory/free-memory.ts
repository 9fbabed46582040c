import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';

/** Where a version of control groups keeps its limit and its use, and what of the use the kernel gives up when asked. */
interface GroupFiles {
  readonly limit: string;
  readonly use: string;
  readonly cached: readonly string[];
}

const V2: GroupFiles = {
  limit: 'memory.max',
  use: 'memory.current',
  cached: ['inactive_file', 'active_file'],
};
const V1: GroupFiles = {
  limit: 'memory.limit_in_bytes',
  use: 'memory.usage_in_bytes',
  cached: ['total_inactive_file', 'total_active_file'],
};

/**
 * Bytes that this process can still take: what the system has free or can free, and on Linux no more than the control
 * groups of a container leave. Node's own figure counts a container's page cache as used: after a large file has been
 * read, everything would seem to be taken.
 * @param root - the file system's root; another one in tests
 */
export function freeMemory(root = '/'): number {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(textOf(join(root, 'proc/meminfo')))?.[1];
  if (available === undefined) return process.availableMemory?.() ?? freemem();
  return Math.max(0, Math.min(Number(available) * 1024, ...groupRooms(root)));
}

/** What each group above this process leaves. */
function groupRooms(root: string): readonly number[] {
  const lines = textOf(join(root, 'proc/self/cgroup')).split('\n');
  return lines.flatMap((line) => {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const base = join(root, 'sys/fs/cgroup');
    if (controllers === '') return rooms(base, path, V2);
    return controllers.split(',').includes('memory') ? rooms(join(base, 'memory'), path, V1) : [];
  });
}

/** From a process's own group up to the root: every one of them limits it. */
function rooms(base: string, path: string, files: GroupFiles): number[] {
  const found: number[] = [];
  // Inside a container the path may be the host's; then only the root is there.
  for (let at = join(base, path); at.startsWith(base); at = dirname(at)) {
    const limit = Number(textOf(join(at, files.limit)).trim() || NaN);
    const use = Number(textOf(join(at, files.use)).trim() || NaN);
    if (Number.isFinite(limit) && Number.isFinite(use)) found.push(limit - use + cachedIn(at, files));
  }
  return found;
}

function cachedIn(folder: string, { cached }: GroupFiles): number {
  const fields = textOf(join(folder, 'memory.stat')).split('\n');
  const values = fields.map((line) => line.split(' ')).filter(([name = '']) => cached.includes(name));
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

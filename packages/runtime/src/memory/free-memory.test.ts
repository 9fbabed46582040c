import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { freeMemory } from './free-memory.js';

const roots: string[] = [];
afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true })));

/** A root folder with these files. */
function system(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'maskloom-memory-'));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const meminfo = 'MemTotal:       24000000 kB\nMemFree: 100 kB\nMemAvailable:   16000000 kB\n';
const group = (limit: string, use: number, stat = ''): Record<string, string> => ({
  'memory.max': `${limit}\n`,
  'memory.current': `${use}\n`,
  'memory.stat': stat,
});
const under = (folder: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`sys/fs/cgroup/${folder}${name}`, text]));

it('is what the system can free where no group limits it', () => {
  expect(freeMemory(system({ 'proc/meminfo': meminfo }))).toBe(16_000_000 * 1024);
  const files = { ...under('a/', group('max', 5)), 'proc/self/cgroup': '0::/a\n', 'proc/meminfo': meminfo };
  expect(freeMemory(system(files))).toBe(16_000_000 * 1024);
});

it('is what the tightest group above the process leaves, its page cache counted as free', () => {
  const files = {
    'proc/meminfo': meminfo,
    'proc/self/cgroup': '0::/pod/job\n',
    ...under(
      'pod/job/',
      group('8000000000', 7_000_000_000, 'anon 1\ninactive_file 2000000000\nactive_file 500000000\n'),
    ),
    ...under('pod/', group('4000000000', 1_000_000_000)),
  };
  expect(freeMemory(system(files))).toBe(3_000_000_000);
  expect(freeMemory(system({ ...files, ...under('pod/', group('max', 1)) }))).toBe(3_500_000_000);
});

it('reads groups of the first version, also where the path is that of the host', () => {
  const memory = {
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '2000000000\n',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '1500000000\n',
    'sys/fs/cgroup/memory/memory.stat': 'total_inactive_file 400000000\n',
  };
  const files = { ...memory, 'proc/meminfo': meminfo, 'proc/self/cgroup': '5:cpu,memory:/docker/x\n' };
  expect(freeMemory(system(files))).toBe(900_000_000);
});

it('is never less than nothing, and has an answer on this machine', () => {
  const files = { ...under('', group('5', 9)), 'proc/self/cgroup': '0::/\n', 'proc/meminfo': meminfo };
  expect(freeMemory(system(files))).toBe(0);
  expect(freeMemory()).toBeGreaterThan(1e8);
});

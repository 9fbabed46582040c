import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fileState, knownHash, sha256OfFile } from './file-hash.js';
import { HashMemory } from './hash-memory.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-hash-'));
  file = join(folder, 'model.onnx');
  writeFileSync(file, Buffer.alloc(17_000_000, 7));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Until the clock of the file system has ticked since the file was written. */
const settle = (): Promise<void> => setTimeout(40);
/** What another process would see: nothing in memory, only the file. */
const memory = (): HashMemory => new HashMemory(join(folder, 'cache'));
/** Plants a wrong hash for what is remembered of the file, so that a hash from memory can be told from one read. */
const plant = (hash: string): void => {
  const lines = join(folder, 'cache', 'verified.jsonl');
  writeFileSync(lines, readFileSync(lines, 'utf8').replace(/[0-9a-f]{64}/, hash));
};

it('a file is hashed once; the next process remembers it while it is unchanged', async () => {
  await settle();
  const hash = await sha256OfFile(file);
  expect(await knownHash(file, { memory: memory() })).toBe(hash);
  plant('f'.repeat(64));
  // Inside one process the first answer stands; `anew` stands for the next process here, and reads.
  expect(await knownHash(file, { memory: memory(), anew: true })).toBe(hash);
});

it('recalls by path, size, times of writing and of change, and inode', async () => {
  await settle();
  await knownHash(file, { memory: memory() });
  plant('e'.repeat(64));
  const state = await fileState(file);
  expect(await memory().recall(state)).toBe('e'.repeat(64));
  const others = { size: 1n, mtimeNs: 1n, ctimeNs: 1n, ino: 1n };
  for (const [part, more] of Object.entries(others)) {
    const other = { ...state, [part]: state[part as keyof typeof others] + more };
    expect(await memory().recall(other), part).toBeUndefined();
  }
  expect(await memory().recall({ ...state, path: `${file}2` })).toBeUndefined();
});

it('a file of the same size with its old time of writing is read again: its time of change tells', async () => {
  utimesSync(file, 1000, 1000);
  const { size, mtimeNs, ino } = statSync(file, { bigint: true });
  await settle();
  const before = await knownHash(file, { memory: memory() });
  writeFileSync(file, Buffer.alloc(17_000_000, 9));
  utimesSync(file, 1000, 1000);
  expect(statSync(file, { bigint: true })).toMatchObject({ size, mtimeNs, ino });
  const after = await knownHash(file, { memory: memory() });
  expect(after).not.toBe(before);
  expect(after).toBe(await sha256OfFile(file));
});

it('a file that was written a moment ago is not remembered yet', async () => {
  const now = vi.spyOn(Date, 'now').mockReturnValue(Math.floor(statSync(file).ctimeMs) + 5);
  await knownHash(file, { memory: memory() });
  now.mockRestore();
  expect(existsSync(join(folder, 'cache', 'verified.jsonl'))).toBe(false);
});

it('links are another name of the same file', async () => {
  await settle();
  await knownHash(file, { memory: memory() });
  plant('d'.repeat(64));
  const link = join(folder, 'link.onnx');
  symlinkSync(file, link);
  expect(await memory().recall(await fileState(link))).toBe('d'.repeat(64));
});

it('a long memory forgets files that are gone, and older states of those that are there', async () => {
  await settle();
  const hash = await knownHash(file, { memory: memory() });
  const lines = join(folder, 'cache', 'verified.jsonl');
  const gone = (n: number): string => JSON.stringify([join(folder, `gone-${n}`), '1 2 3 4', hash]);
  const old = JSON.stringify([file, '1 2 3 4', hash]);
  const filler = Array.from({ length: 2500 }, (_, n) => `${gone(n)}\n${old}\n`).join('');
  writeFileSync(lines, filler + readFileSync(lines, 'utf8'));
  expect(await memory().recall(await fileState(file))).toBe(hash);
  expect(readFileSync(lines, 'utf8').trimEnd().split('\n')).toHaveLength(1);
  expect(await memory().recall(await fileState(file))).toBe(hash);
});

it('a changed file is read again, a torn line of the memory is no knowledge', async () => {
  await settle();
  const before = await knownHash(file, { memory: memory() });
  const lines = join(folder, 'cache', 'verified.jsonl');
  truncateSync(lines, readFileSync(lines).length - 20);
  writeFileSync(file, Buffer.alloc(17_000_000, 8));
  utimesSync(file, 1, 1);
  const after = await knownHash(file, { memory: memory() });
  expect(after).not.toBe(before);
  expect(after).toBe(await sha256OfFile(file));
});

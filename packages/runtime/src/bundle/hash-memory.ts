import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { partialPath } from '@maskloom/core';
import { cacheDirectory } from '../cache-directory.js';

/** What tells one state of a file from another. */
export interface FileState {
  /** Its absolute path. */
  readonly path: string;
  /** Bytes. */
  readonly size: bigint;
  /** Nanoseconds; when it was written to, or any other time that a program gave it. */
  readonly mtimeNs: bigint;
  /** Nanoseconds; when it was written to or given another time, name or owner. No program can set it. */
  readonly ctimeNs: bigint;
  /** The number of its inode: another file under the same name has another. */
  readonly ino: bigint;
}

/** Smaller files are hashed sooner than they are looked up. */
const WORTH_REMEMBERING = 65_536n;
/** A memory of more bytes is rewritten without what nobody needs. */
const LONG = 1 << 18;

interface Known {
  readonly state: string;
  readonly sha256: string;
}

/** SHA-256 of files that were read before, in any process: lines `path, state, sha256` as JSON, the last of a path counts. */
export class HashMemory {
  readonly #file: string;
  #known: Promise<Map<string, Known>> | undefined;

  /** @param directory - where `verified.jsonl` lies; Maskloom's cache when absent */
  constructor(directory: string = cacheDirectory()) {
    this.#file = join(directory, 'verified.jsonl');
  }

  /** The SHA-256 of a file in this state, when it is known. */
  async recall(state: FileState): Promise<string | undefined> {
    if (state.size < WORTH_REMEMBERING) return undefined;
    this.#known ??= readLines(this.#file);
    const known = (await this.#known).get(state.path);
    return known?.state === stateText(state) ? known.sha256 : undefined;
  }

  /** Remembers; a cache that cannot be written costs only time. */
  async learn(file: FileState, sha256: string): Promise<void> {
    if (file.size < WORTH_REMEMBERING) return;
    const state = stateText(file);
    (await this.#known)?.set(file.path, { state, sha256 });
    // One short append: lines of processes side by side do not mix.
    const line = `${JSON.stringify([file.path, state, sha256])}\n`;
    await mkdir(dirname(this.#file), { recursive: true })
      .then(() => appendFile(this.#file, line))
      .catch(() => undefined);
  }
}

function stateText({ size, mtimeNs, ctimeNs, ino }: FileState): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

async function readLines(file: string): Promise<Map<string, Known>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const known = new Map<string, Known>();
  for (const line of text.split('\n')) {
    const entry = parse(line);
    if (entry !== undefined) known.set(...entry);
  }
  if (text.length > LONG) await shorten(file, known).catch(() => undefined);
  return known;
}

/** Leaves files that are gone out. What another process appends meanwhile may be lost: it is found out again. */
async function shorten(file: string, known: ReadonlyMap<string, Known>): Promise<void> {
  const lines: string[] = [];
  for (const [path, { state, sha256 }] of known) {
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined) lines.push(`${JSON.stringify([path, state, sha256])}\n`);
  }
  const beside = partialPath(file);
  try {
    await writeFile(beside, lines.join(''), { flag: 'wx' });
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
}

/** A line that was cut short is no knowledge. */
function parse(line: string): [string, Known] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!Array.isArray(value)) return undefined;
    const [path, state, sha256] = value as unknown[];
    return typeof path === 'string' && typeof state === 'string' && typeof sha256 === 'string'
      ? [path, { state, sha256 }]
      : undefined;
  } catch {
    return undefined;
  }
}

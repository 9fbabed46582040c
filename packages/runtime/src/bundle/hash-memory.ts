import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../cache-directory.js';

/** What tells one state of a file from another. */
export interface FileState {
  /** Its absolute path. */
  readonly path: string;
  /** Bytes. */
  readonly size: bigint;
  /** Nanoseconds. */
  readonly mtimeNs: bigint;
  /** The number of its inode: another file under the same name has another. */
  readonly ino: bigint;
}

/** Smaller files are hashed sooner than they are looked up. */
const WORTH_REMEMBERING = 16_000_000n;

/** SHA-256 of large files that were read before, in any process: lines `path, size, mtime, inode, sha256` as JSON. */
export class HashMemory {
  readonly #file: string;
  #known: Promise<Map<string, string>> | undefined;

  /** @param directory - where `verified.jsonl` lies; Maskloom's cache when absent */
  constructor(directory: string = cacheDirectory()) {
    this.#file = join(directory, 'verified.jsonl');
  }

  /** The SHA-256 of a file in this state, when it is known. */
  async recall(state: FileState): Promise<string | undefined> {
    if (state.size < WORTH_REMEMBERING) return undefined;
    this.#known ??= readLines(this.#file);
    return (await this.#known).get(keyOf(state));
  }

  /** Remembers; a cache that cannot be written costs only time. */
  async learn(state: FileState, sha256: string): Promise<void> {
    if (state.size < WORTH_REMEMBERING) return;
    const key = keyOf(state);
    (await this.#known)?.set(key, sha256);
    // One short append: lines of processes side by side do not mix.
    const line = `${JSON.stringify([key, sha256])}\n`;
    await mkdir(dirname(this.#file), { recursive: true })
      .then(() => appendFile(this.#file, line))
      .catch(() => undefined);
  }
}

function keyOf({ path, size, mtimeNs, ino }: FileState): string {
  return `${path}\n${size} ${mtimeNs} ${ino}`;
}

async function readLines(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const known = new Map<string, string>();
  for (const line of text.split('\n')) {
    const entry = parse(line);
    if (entry !== undefined) known.set(...entry);
  }
  return known;
}

/** A line that was cut short is no knowledge. */
function parse(line: string): [string, string] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!Array.isArray(value)) return undefined;
    const [key, hash] = value as unknown[];
    return typeof key === 'string' && typeof hash === 'string' ? [key, hash] : undefined;
  } catch {
    return undefined;
  }
}

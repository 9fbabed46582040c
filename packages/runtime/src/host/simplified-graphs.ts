import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partialPath } from '@maskloom/core';
import type { CheckedModel } from '../bundle/bundle.js';
import { fileState, knownHash, sha256OfFile } from '../bundle/file-hash.js';
import { HashMemory } from '../bundle/hash-memory.js';
import { cacheDirectory } from '../cache-directory.js';
import { ONNX_RUNTIME_VERSION } from '../native/find-onnx-runtime.js';
import { processorKind } from './processor.js';

/** Of larger models most of the time goes into reading the weights, and twice the disk would be a high price. */
const LARGEST = 32_000_000;
/** Bytes that all kept graphs may take; the oldest go first. */
const ROOM = 512_000_000;

/** Writes a model as ONNX Runtime simplifies it. */
export type Simplify = (from: string, to: string) => Promise<unknown>;

/**
 * Graphs as ONNX Runtime has simplified them for this kind of processor (constants folded, nodes fused, convolutions blocked), kept
 * for the next opening: working that out is more than half of what opening a small model takes. What such a graph computes is
 * the same to the bit.
 */
export class SimplifiedGraphs {
  readonly #directory: string;
  readonly #memory: HashMemory;
  readonly #room: number;
  readonly #suffix: string;

  /**
   * @param cache - where they are kept and their hashes remembered; Maskloom's cache when absent
   * @param room - bytes that they may take in all
   * @param processor - kind of processor that they are for; this machine's when absent
   */
  constructor(cache: string = cacheDirectory(), room = ROOM, processor = processorKind()) {
    this.#directory = join(cache, 'simplified');
    this.#memory = new HashMemory(cache);
    this.#room = room;
    this.#suffix = `${ONNX_RUNTIME_VERSION}-${processor}.onnx`;
  }

  /**
   * The simplified form of a model for the CPU, made when there is none that is what it was.
   * @returns its path; undefined where the model's own file is to be opened: it is large, has weights beside it, cannot be
   * simplified, was changed since it was checked, or the cache cannot be written
   */
  async of(model: CheckedModel, simplify: Simplify): Promise<string | undefined> {
    // Weights beside a graph are a second hash.
    if (model.bytes > LARGEST || model.sha256.includes('+')) return undefined;
    const path = join(this.#directory, `${model.sha256}-${this.#suffix}`);
    try {
      if (!(await this.#isAsChecked(model))) return undefined;
      if (await this.#isWhole(path)) return path;
      await this.#make(model, path, simplify);
      return path;
    } catch {
      return undefined;
    }
  }

  async #isAsChecked({ path, sha256 }: CheckedModel): Promise<boolean> {
    return (await knownHash(path, { memory: this.#memory })) === sha256;
  }

  /** Whether the file is the one that was written, by the hash beside it. */
  async #isWhole(path: string): Promise<boolean> {
    const wanted = await readFile(`${path}.sha256`, 'utf8').catch(() => undefined);
    if (wanted === undefined) return false;
    const found = await knownHash(path, { memory: this.#memory }).catch(() => undefined);
    return found === wanted;
  }

  async #make(model: CheckedModel, path: string, simplify: Simplify): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const beside = partialPath(path);
    const mark = partialPath(`${path}.sha256`);
    try {
      await simplify(model.path, beside);
      // What was made of another file must not stand under this one's hash.
      if (!(await this.#isAsChecked(model))) throw new Error('the model was changed meanwhile');
      const hash = await sha256OfFile(beside);
      await rename(beside, path);
      await writeFile(mark, hash, { flag: 'wx' });
      // Last: a graph with its hash is whole.
      await rename(mark, `${path}.sha256`);
      await this.#memory.learn(await fileState(path), hash);
    } finally {
      await rm(beside, { force: true });
      await rm(mark, { force: true });
    }
    await this.#tidy();
  }

  async #tidy(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => name.endsWith('.onnx'));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#directory, name);
        const found = await stat(path).catch(() => undefined);
        return { path, size: found?.size ?? 0, at: found?.mtimeMs ?? 0 };
      }),
    );
    let taken = 0;
    for (const { path, size } of files.sort((a, b) => b.at - a.at)) {
      taken += size;
      if (taken > this.#room) for (const gone of [path, `${path}.sha256`]) await rm(gone, { force: true });
    }
  }
}

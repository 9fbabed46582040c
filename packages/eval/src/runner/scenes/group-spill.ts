import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { PieceReader } from '../../ledger/piece-reader.js';

/**
 * Values grouped by key, held in a file: memory keeps where each value stands, so a data set whose records come in any
 * order can be read image by image.
 */
export class GroupSpill<T> implements Disposable {
  readonly #path: string;
  readonly #file: number;
  readonly #pieces: PieceReader;
  /** [offset, length, offset, length, ...] of each key. */
  readonly #places = new Map<number | string, number[]>();
  #end = 0;

  /** @param path - a file to make; it goes with `dispose` */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'w+');
    this.#pieces = new PieceReader(this.#file);
  }

  /** Adds a JSON-safe value to a group. */
  add(key: number | string, value: T): void {
    const bytes = Buffer.from(JSON.stringify(value));
    writeSync(this.#file, bytes, 0, bytes.length, this.#end);
    const places = this.#places.get(key) ?? [];
    this.#places.set(key, places);
    places.push(this.#end, bytes.length);
    this.#end += bytes.length;
  }

  /** The keys, in the order of their first values. */
  keys(): Iterable<number | string> {
    return this.#places.keys();
  }

  /** The values of a group in the order they were added; none for an unknown key. */
  group(key: number | string): T[] {
    const places = this.#places.get(key) ?? [];
    const values: T[] = [];
    for (let i = 0; i + 1 < places.length; i += 2) {
      const bytes = this.#pieces.read(places[i] as number, places[i + 1] as number);
      values.push(JSON.parse(bytes.toString('utf8')) as T);
    }
    return values;
  }

  /** Closes and removes the file. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }
}

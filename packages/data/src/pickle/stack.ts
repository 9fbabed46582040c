import type { PickleReader } from './reader.js';
import { PickleObject, type PickleValue } from './values.js';

/** Most containers, and most marks inside one another; a few bytes each would otherwise fill the memory. */
const MAX_CONTAINERS = 20_000_000;
const MAX_MARKS = 5_000;

/** The stack and memo of a pickle machine; every access is checked. */
export class PickleStack {
  readonly #reader: PickleReader;
  #items: PickleValue[] = [];
  readonly #below: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();
  #containers = 0;

  constructor(reader: PickleReader) {
    this.#reader = reader;
  }

  push(value: PickleValue): void {
    if (typeof value === 'object' && value !== null && ++this.#containers > MAX_CONTAINERS)
      throw this.#reader.wrong(`it has more than ${MAX_CONTAINERS} lists and dictionaries`);
    this.#items.push(value);
  }

  pop(): PickleValue {
    const value = this.#items.pop();
    if (value === undefined) throw this.#reader.wrong('a value is taken that is not there');
    return value;
  }

  top(): PickleValue {
    const value = this.#items.at(-1);
    if (value === undefined) throw this.#reader.wrong('a value is used that is not there');
    return value;
  }

  /** The last `count` values, in their order. */
  popMany(count: number): PickleValue[] {
    if (this.#items.length < count) throw this.#reader.wrong('values are taken that are not there');
    return this.#items.splice(this.#items.length - count);
  }

  mark(): void {
    if (this.#below.length >= MAX_MARKS) throw this.#reader.wrong(`more than ${MAX_MARKS} marks are open`);
    this.#below.push(this.#items);
    this.#items = [];
  }

  /** Everything since the last mark, which goes. */
  toMark(): PickleValue[] {
    const below = this.#below.pop();
    if (below === undefined) throw this.#reader.wrong('a mark is missing');
    const items = this.#items;
    this.#items = below;
    return items;
  }

  /** POP takes a mark where there is no value above it. */
  drop(): void {
    if (this.#items.length > 0) this.#items.pop();
    else this.toMark();
  }

  put(place: number): void {
    this.#memo.set(place, this.top());
  }

  memoize(): void {
    this.put(this.#memo.size);
  }

  get(place: number): PickleValue {
    const value = this.#memo.get(place);
    if (value === undefined) throw this.#reader.wrong(`nothing was remembered as ${place}`);
    return value;
  }

  /** Adds values to the list on top. */
  append(values: readonly PickleValue[]): void {
    const list = this.top();
    const target = list instanceof PickleObject ? list.items : list;
    if (!Array.isArray(target)) throw this.#reader.wrong('something is appended to what is no list');
    for (const value of values) target.push(value);
  }

  /** Puts keys and values, by turns, into the dictionary on top. */
  setItems(pairs: readonly PickleValue[]): void {
    const dictionary = this.top();
    const target = dictionary instanceof PickleObject ? dictionary.entries : dictionary;
    if (!(target instanceof Map)) throw this.#reader.wrong('an entry is put into what is no dictionary');
    fill(target, pairs, this.#reader);
  }

  /** A dictionary of keys and values by turns. */
  dictionary(pairs: readonly PickleValue[]): Map<PickleValue, PickleValue> {
    return fill(new Map(), pairs, this.#reader);
  }
}

function fill(
  target: Map<PickleValue, PickleValue>,
  pairs: readonly PickleValue[],
  reader: PickleReader,
): Map<PickleValue, PickleValue> {
  if (pairs.length % 2 !== 0) throw reader.wrong('a key has no value');
  for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i] as PickleValue, pairs[i + 1] as PickleValue);
  return target;
}

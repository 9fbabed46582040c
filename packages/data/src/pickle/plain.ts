import type { MaskloomError } from '@maskloom/core';
import { dataInvalid } from '../files/validate.js';
import { PickleName, PickleObject, type PickleValue } from './values.js';

/** Deepest nesting of a data set's record. */
const MAX_DEPTH = 64;

/** How far conversion of one pickle may go. */
export interface PlainLimits {
  /** The file, for errors. */
  readonly where: string;
  /** Most values that the result may have when every shared part is counted where it is used. */
  readonly values: number;
}

/**
 * Turns pickled values into what JSON.parse would give: dictionaries become objects with text keys, bytes become text.
 * Shared parts stay shared. Objects of unknown classes become `{ pickled: name }`, so that they can be named in errors.
 * @throws MaskloomError `DATA_INVALID` on a cycle, on nesting deeper than 64, and when sharing makes the whole far larger
 * than its file (a few bytes can stand for billions of values)
 */
export function plainOf(value: PickleValue, limits: PlainLimits): unknown {
  return new Converter(limits).convert(value, 0).value;
}

interface Converted {
  readonly value: unknown;
  /** Values in it, shared ones counted where they are used. */
  readonly size: number;
  /** Containers inside one another. */
  readonly height: number;
}

const single = (value: unknown): Converted => ({ value, size: 1, height: 0 });

class Converter {
  readonly #limits: PlainLimits;
  readonly #done = new Map<PickleValue, Converted>();
  readonly #open = new Set<PickleValue>();

  constructor(limits: PlainLimits) {
    this.#limits = limits;
  }

  convert(value: PickleValue, depth: number): Converted {
    if (typeof value === 'bigint') return single(Number(value));
    if (value instanceof Uint8Array) return single(Buffer.from(value).toString('latin1'));
    if (value instanceof PickleName || value instanceof PickleObject) return single({ pickled: value.name });
    if (!(Array.isArray(value) || value instanceof Map)) return single(value);
    const known = this.#done.get(value);
    if (known !== undefined) return known;
    if (this.#open.has(value)) throw dataInvalid(this.#limits.where, 'pickle', 'a value holds itself');
    if (depth > MAX_DEPTH) throw this.#tooDeep();
    this.#open.add(value);
    const converted =
      value instanceof Map ? this.#dictionary(value, depth + 1) : this.#list(value, depth + 1);
    this.#open.delete(value);
    if (converted.height > MAX_DEPTH) throw this.#tooDeep();
    if (converted.size > this.#limits.values)
      throw dataInvalid(this.#limits.where, 'pickle', 'it stands for far more values than it has bytes');
    this.#done.set(value, converted);
    return converted;
  }

  #list(list: readonly PickleValue[], depth: number): Converted {
    let size = 1;
    let height = 0;
    const value = list.map((item) => {
      const converted = this.convert(item, depth);
      size += converted.size;
      height = Math.max(height, converted.height);
      return converted.value;
    });
    return { value, size, height: height + 1 };
  }

  #dictionary(dictionary: ReadonlyMap<PickleValue, PickleValue>, depth: number): Converted {
    let size = 1;
    let height = 0;
    const value: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of dictionary) {
      const text = key instanceof Uint8Array ? Buffer.from(key).toString('latin1') : key;
      if (typeof text !== 'string' && typeof text !== 'number')
        throw dataInvalid(this.#limits.where, 'pickle', 'a key of a dictionary is no text');
      const converted = this.convert(item, depth);
      size += converted.size;
      height = Math.max(height, converted.height);
      value[text] = converted.value;
    }
    return { value, size, height: height + 1 };
  }

  #tooDeep(): MaskloomError {
    return dataInvalid(this.#limits.where, 'pickle', `it is nested deeper than ${MAX_DEPTH}`);
  }
}

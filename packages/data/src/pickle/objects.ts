import type { PickleReader } from './reader.js';
import { PickleName, PickleObject, type PickleValue } from './values.js';

const LISTS = new Set(
  ['set', 'frozenset', 'list', 'tuple'].flatMap((name) => [`builtins.${name}`, `__builtin__.${name}`]),
);
const BYTES = new Set(['bytearray', 'bytes'].flatMap((name) => [`builtins.${name}`, `__builtin__.${name}`]));

/**
 * What stands for the call of a name with arguments. The few that are how Python writes plain data (sets, byte strings,
 * ordered dictionaries) become that data; everything else stays a {@link PickleObject}. Nothing is ever called.
 */
export function standIn(maker: PickleValue, args: PickleValue, reader: PickleReader): PickleValue {
  if (!(maker instanceof PickleName)) {
    if (maker instanceof PickleObject) return new PickleObject(`${maker.name}()`, args);
    throw reader.wrong('something is made from what has no name');
  }
  const { name } = maker;
  const list = Array.isArray(args) ? args : [];
  const [first] = list;
  if (LISTS.has(name) && list.length <= 1) return Array.isArray(first) ? [...first] : [];
  if (name === 'collections.OrderedDict') return orderedDictionary(first, reader);
  if (name === '_codecs.encode' && typeof first === 'string') return Buffer.from(first, 'latin1');
  if (BYTES.has(name) && (first === undefined || first instanceof Uint8Array))
    return first ?? new Uint8Array();
  return new PickleObject(name, args);
}

function orderedDictionary(
  pairs: PickleValue | undefined,
  reader: PickleReader,
): Map<PickleValue, PickleValue> {
  const found = new Map<PickleValue, PickleValue>();
  if (pairs === undefined) return found;
  if (!Array.isArray(pairs)) throw reader.wrong('an ordered dictionary is made of what is no list');
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw reader.wrong('an entry of an ordered dictionary is no pair');
    found.set(pair[0] as PickleValue, pair[1] as PickleValue);
  }
  return found;
}

/** An object of a pickle: what it says about itself. No class is looked up and nothing is called. */
export class PickleObject {
  /** Module and name, e.g. `numpy.dtype`. */
  readonly name: string;
  /** What it would be made from. */
  readonly args: PickleValue;
  /** What would be set on it, when the pickle has that. */
  state: PickleValue | undefined = undefined;
  /** What would be appended to it, when it is a list of some kind. */
  readonly items: PickleValue[] = [];
  /** What would be put into it, when it is a dictionary of some kind. */
  readonly entries: Map<PickleValue, PickleValue> = new Map();

  constructor(name: string, args: PickleValue) {
    this.name = name;
    this.args = args;
  }
}

/** A name of a module in a pickle, before anything is made of it. */
export class PickleName {
  /** Module and name. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A value of a pickle: None is `null`; whole numbers beyond 2^53 are bigints; bytes are `Uint8Array`; tuples, lists and
 * sets are arrays; dictionaries are Maps.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleObject
  | PickleName;

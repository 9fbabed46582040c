import { MaskloomError } from '@maskloom/core';

/** Most digits or bytes of one whole number; more is no number of a data set. */
const MAX_NUMBER = 1024;

/** Takes a pickle's bytes apart; every length is compared with what is left. */
export class PickleReader {
  readonly #bytes: Buffer;
  readonly #where: string;
  #at = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  /** Place of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** A `DATA_INVALID` error that names the place. */
  wrong(why: string): MaskloomError {
    return new MaskloomError('DATA_INVALID', `The pickle cannot be read: ${why}.`, {
      where: `${this.#where}: byte ${this.#at}`,
    });
  }

  /** The next `count` bytes. */
  take(count: number): Buffer {
    if (count > this.#bytes.length - this.#at)
      throw this.wrong(`${count} bytes are announced that are not there`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  /** An unsigned length of 1, 2, 4 or 8 bytes, little-endian. */
  length(size: 1 | 2 | 4 | 8): number {
    const bytes = this.take(size);
    if (size < 8) return bytes.readUIntLE(0, size);
    const value = bytes.readBigUInt64LE();
    if (value > BigInt(this.#bytes.length))
      throw this.wrong(`${value} bytes are announced that are not there`);
    return Number(value);
  }

  int32(): number {
    return this.take(4).readInt32LE();
  }

  float(): number {
    return this.take(8).readDoubleBE();
  }

  /** Text up to the next line feed. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.wrong('a line does not end');
    const text = this.#bytes.toString('latin1', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** The text up to the next line feed, which stays. */
  peekLine(): string {
    const from = this.#at;
    const text = this.line();
    this.#at = from;
    return text;
  }

  /** A whole number written in decimal, with the L of Python 2 or without. */
  decimal(): number | bigint {
    const text = this.line().replace(/L$/, '').trim();
    if (text.length > MAX_NUMBER || !/^[+-]?\d+$/.test(text))
      throw this.wrong(`'${text.slice(0, 20)}' is no whole number`);
    return small(BigInt(text.replace(/^\+/, '')));
  }

  /** A whole number of `count` bytes in two's complement, little-endian. */
  long(count: number): number | bigint {
    if (count > MAX_NUMBER) throw this.wrong(`a number of ${count} bytes`);
    const bytes = this.take(count);
    if (count === 0) return 0;
    const value = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
    return small(BigInt.asIntN(8 * count, value));
  }
}

function small(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

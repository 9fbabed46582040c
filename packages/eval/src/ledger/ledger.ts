import { closeSync, constants, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { MaskloomError } from '@maskloom/core';
import { decodeLine, encodeLine, type Json } from './line.js';
import { PieceReader } from './piece-reader.js';
import { scanLines } from './scan-lines.js';

/** What became of one unit. */
export interface UnitRecord {
  /** The unit's content key. */
  readonly key: string;
  /** Its result, when there is one. */
  readonly result?: Json;
  /** Why there is none. */
  readonly error?: UnitFailure;
  /** Who worked on it; absent where that was a process of the run's own machine. */
  readonly by?: WorkDoneBy;
}

/** The worker of another machine that a unit's outcome is from. */
export interface WorkDoneBy {
  /** Its name. */
  readonly worker: string;
  /** Version and hash of its code. */
  readonly code: string;
  /** Hash of the recipe with its changes, weights and plugin code, as the worker has them. */
  readonly subject: string;
}

/** Why a unit has no result. */
export interface UnitFailure {
  /** A stable code, e.g. `IMAGE_UNREADABLE`, `WORKER_CRASHED`. */
  readonly code: string;
  /** What happened, for the reader. */
  readonly message: string;
}

/** The file operations of a ledger; replaced in tests that fill a disk. */
export interface LedgerFile {
  /** As `fs.writeSync`: writes `length` bytes from `offset` at `position` of an open file, and says how many it wrote. */
  write(file: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  /** As `fs.fsyncSync`: returns when the disk has what was written. */
  sync(file: number): void;
}

const REAL: LedgerFile = { write: writeSync, sync: fsyncSync };

/** At most this long what was written waits for `fsync`. */
const SYNC_MS = 1000;

interface Place {
  readonly offset: number;
  readonly length: number;
  readonly failed: boolean;
}

/**
 * The results of a run, one line each, only ever appended. Each line carries a checksum: a line torn by a kill or a
 * power cut is dropped when the file is opened, and its unit computed again. Memory holds the place of each record, not
 * the record.
 *
 * What is appended survives the death of the process at once; it is forced to the disk (`fsync`) with the first record
 * after each second and when the ledger is closed, so that a power cut loses the units of one second at most.
 */
export class Ledger implements Disposable {
  readonly #path: string;
  readonly #file: number;
  readonly #io: LedgerFile;
  readonly #pieces: PieceReader;
  readonly #places = new Map<string, Place>();
  #end = 0;
  #synced = performance.now();
  #open = true;
  /** Lines that were dropped because their checksum does not fit, a torn last one included. */
  readonly dropped: number;

  /**
   * Opens or makes a ledger. The caller holds the run's lock.
   * @throws MaskloomError `OUTPUT_UNWRITABLE`
   */
  constructor(path: string, io: LedgerFile = REAL) {
    this.#path = path;
    this.#io = io;
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    } catch (cause) {
      throw this.#unwritable(cause);
    }
    this.#pieces = new PieceReader(this.#file);
    this.dropped = this.#recover();
  }

  /** Number of units with a result. */
  get finished(): number {
    let count = 0;
    for (const { failed } of this.#places.values()) if (!failed) count++;
    return count;
  }

  /** Whether a unit has a result. */
  has(key: string): boolean {
    return this.#places.get(key)?.failed === false;
  }

  /** Keys of the units whose last record is a failure. */
  *failed(): Generator<string> {
    for (const [key, { failed }] of this.#places) if (failed) yield key;
  }

  /**
   * A unit's record, read from the file.
   * @returns `undefined` when there is none
   * @throws MaskloomError `RUN_INVALID` when the file was altered since it was opened
   */
  read(key: string): UnitRecord | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const record = asRecord(decodeLine(this.#pieces.read(place.offset, place.length)));
    if (record?.key === key) return record;
    throw new MaskloomError('RUN_INVALID', 'The ledger was altered while it was in use.', {
      where: this.#path,
      hint: 'Run the same command again: what does not fit its checksum is computed anew.',
    });
  }

  /**
   * Adds a record. A second result of a unit is ignored, so nothing is in the ledger twice.
   * @throws MaskloomError `OUTPUT_UNWRITABLE`; the ledger is then as before and can take further records
   */
  append(record: UnitRecord): void {
    if (this.has(record.key)) return;
    const line = encodeLine(record);
    try {
      for (let done = 0; done < line.length;) {
        done += this.#io.write(this.#file, line, done, line.length - done, this.#end + done);
      }
      if (performance.now() - this.#synced > SYNC_MS) this.#sync();
    } catch (cause) {
      // Half a line would be dropped at the next start; without it the next record starts on a line of its own.
      ftruncateSync(this.#file, this.#end);
      throw this.#unwritable(cause);
    }
    const failed = record.error !== undefined;
    this.#places.set(record.key, { offset: this.#end, length: line.length - 1, failed });
    this.#end += line.length;
  }

  /** Forces everything to the disk and closes the file. Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#sync();
    } finally {
      closeSync(this.#file);
    }
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #sync(): void {
    this.#io.sync(this.#file);
    this.#synced = performance.now();
  }

  /** Finds every record; cuts off a torn end. A damaged line between good ones stays where it is, unused. */
  #recover(): number {
    let dropped = 0;
    for (const { offset, bytes, whole } of scanLines(this.#file)) {
      const record = whole ? asRecord(decodeLine(bytes)) : undefined;
      if (whole) this.#end = offset + bytes.length + 1;
      if (record === undefined) {
        dropped++;
        continue;
      }
      const failed = record.error !== undefined;
      if (!this.has(record.key)) this.#places.set(record.key, { offset, length: bytes.length, failed });
    }
    ftruncateSync(this.#file, this.#end);
    return dropped;
  }

  #unwritable(cause: unknown): MaskloomError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new MaskloomError('OUTPUT_UNWRITABLE', `The ledger cannot be written: ${why}.`, {
      where: this.#path,
      hint: 'Make room or give another folder, then run the same command again: finished units are kept.',
      cause,
    });
  }
}

function asRecord(value: Json | undefined): UnitRecord | undefined {
  if (typeof value !== 'object' || value === null || !('key' in value)) return undefined;
  return value as unknown as UnitRecord;
}

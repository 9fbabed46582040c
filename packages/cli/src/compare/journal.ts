import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { decodeLine, encodeLine } from '@maskloom/eval';
import type { ReportMark } from '@maskloom/report';
import type { PredictionFailure, PredictionRun } from '../output/predictions.js';

const SCHEMA = 'maskloom.journal/2';

/** An image that is done: what it gave, and how far everything is after it. */
export interface JournalEntry {
  /** What the image was asked, and its file's size and time: see {@link keyOf}. */
  readonly key: string;
  readonly runs: readonly PredictionRun[];
  readonly failures: readonly PredictionFailure[];
  /** The report so far; of its classes those that are new since the image before, so that lines do not grow with the run. */
  readonly report: ReportMark;
  /** The file of descriptions so far, where that changed. */
  readonly descriptions?: string;
}

/** A hash of anything JSON can hold; two things of equal content have equal keys. */
export function keyOf(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    ArrayBuffer.isView(part) ? Array.from(part as unknown as ArrayLike<number>) : part,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * The finished images of a comparison, a line each with its checksum, only ever appended. What was torn by a kill is dropped.
 */
export class Journal {
  readonly #file: number;

  private constructor(
    path: string,
    /** Those that are taken over, in order. */
    readonly entries: readonly JournalEntry[],
  ) {
    this.#file = openSync(path, 'a');
  }

  /**
   * Opens a journal and keeps of it what still fits.
   * @param run - what the results depend on besides the image; another one keeps nothing
   * @param keys - of the images in order; entries are kept up to the first that is another one's
   * @param whole - whether what an entry speaks of is there
   */
  static open(
    path: string,
    run: string,
    keys: readonly string[],
    whole: (entry: JournalEntry) => boolean,
  ): Journal {
    const lines = existsSync(path) ? wholeLines(readFileSync(path)) : [];
    const head = lines[0]?.record as { readonly schema?: unknown; readonly run?: unknown } | undefined;
    const fits = head?.schema === SCHEMA && head.run === run;
    const kept: JournalEntry[] = [];
    let end = fits ? (lines[0]?.end ?? 0) : 0;
    for (const { record, end: after } of fits ? lines.slice(1) : []) {
      const entry = record as unknown as JournalEntry;
      if (entry.key !== keys[kept.length] || !whole(entry)) break;
      kept.push(entry);
      end = after;
    }
    if (existsSync(path)) truncateSync(path, end);
    const journal = new Journal(path, kept);
    if (!fits) journal.#append({ schema: SCHEMA, run });
    return journal;
  }

  /** Adds an image that is done. */
  add(entry: JournalEntry): void {
    this.#append(entry);
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#file);
  }

  #append(record: unknown): void {
    const line = encodeLine(record);
    for (let at = 0; at < line.length;) at += writeSync(this.#file, line, at);
    fdatasyncSync(this.#file);
  }
}

function wholeLines(bytes: Buffer): readonly { readonly record: unknown; readonly end: number }[] {
  const lines: { record: unknown; end: number }[] = [];
  for (let start = 0, end = bytes.indexOf(10); end >= 0; start = end + 1, end = bytes.indexOf(10, start)) {
    const record = decodeLine(bytes.subarray(start, end));
    if (record === undefined) break;
    lines.push({ record, end: end + 1 });
  }
  return lines;
}

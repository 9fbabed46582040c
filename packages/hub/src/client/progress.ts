/** How far a download is. */
export interface Progress {
  /** The file that is being fetched. */
  readonly file: string;
  /** Bytes of all wanted files that are here. */
  readonly done: number;
  /** Bytes of all wanted files. */
  readonly total: number;
  /** Bytes per second over the last seconds; 0 while nothing comes. */
  readonly rate: number;
  /** Seconds until all is here at that rate; `undefined` while nothing comes. */
  readonly secondsLeft: number | undefined;
  /** True while another process fetches the same file. */
  readonly waiting: boolean;
}

/** Rates are taken over so many milliseconds. */
const WINDOW = 5_000;
/** News at most so often. */
const EVERY = 200;

/** Counts bytes and tells, not too often, how far all is. */
export class ProgressMeter {
  readonly #total: number;
  readonly #tell: (progress: Progress) => void;
  readonly #samples: { readonly at: number; readonly fetched: number }[] = [];
  #here = 0;
  #fetched = 0;
  #told = -Infinity;

  /** @param total - bytes of all wanted files */
  constructor(total: number, tell: (progress: Progress) => void) {
    this.#total = total;
    this.#tell = tell;
  }

  /** Counts bytes that need not be fetched, or (below 0) that must be fetched again. */
  present(bytes: number, file: string): void {
    this.#here += bytes;
    this.#report(file, false);
  }

  /** Counts bytes that came. */
  came(bytes: number, file: string): void {
    this.#here += bytes;
    this.#fetched += bytes;
    this.#report(file, false);
  }

  /** Says that another process fetches the file. */
  waits(file: string): void {
    this.#report(file, true);
  }

  #report(file: string, waiting: boolean): void {
    const now = performance.now();
    const samples = this.#samples;
    samples.push({ at: now, fetched: this.#fetched });
    while (samples.length > 2 && now - (samples[0]?.at ?? now) > WINDOW) samples.shift();
    const all = this.#here >= this.#total;
    if (!waiting && !all && now - this.#told < EVERY) return;
    this.#told = now;
    const first = samples[0] ?? { at: now, fetched: this.#fetched };
    const seconds = (now - first.at) / 1000;
    const rate = seconds > 0 ? (this.#fetched - first.fetched) / seconds : 0;
    const left = this.#total - this.#here;
    this.#tell({
      file,
      done: this.#here,
      total: this.#total,
      rate,
      secondsLeft: rate > 0 ? left / rate : undefined,
      waiting,
    });
  }
}

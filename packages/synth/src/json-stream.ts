import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes one JSON file piece by piece, so that memory does not grow with the data set. */
export class JsonStream {
  readonly #file: number;
  #buffer = '';
  #separator: string;
  readonly #closing: string;

  /**
   * Opens a file that holds one long array.
   * @param opening - the text before the first item, e.g. `{"annotations":[`
   * @param closing - the bracket after the last item
   */
  constructor(path: string, opening: string, closing = ']') {
    this.#file = openSync(path, 'w');
    this.#separator = '';
    this.#buffer = opening;
    this.#closing = closing;
  }

  /** Adds one item to the array. */
  add(item: unknown): void {
    this.addText(JSON.stringify(item));
  }

  /** Adds one item that is JSON text already. */
  addText(item: string): void {
    this.#buffer += `${this.#separator}\n${item}`;
    this.#separator = ',';
    if (this.#buffer.length > 1 << 18) this.#flush();
  }

  /**
   * Ends the array and the file.
   * @param rest - the text after the array, e.g. `,"images":[]}`
   */
  close(rest = ''): void {
    this.#buffer += `\n${this.#closing}${rest}\n`;
    this.#flush();
    closeSync(this.#file);
  }

  /** Closes the file as it is, after a failure. */
  abandon(): void {
    closeSync(this.#file);
  }

  #flush(): void {
    writeSync(this.#file, this.#buffer);
    this.#buffer = '';
  }
}

/** A message and the bytes behind it. */
export interface Frame<T> {
  readonly message: T;
  readonly bytes: Uint8Array;
}

/**
 * Puts frames together from the pieces that a pipe gives. Pixels are copied once, into the array that is handed out; no
 * piece takes longer than its copy.
 */
export class FrameReader<T extends { readonly bytes?: number }> {
  readonly #onFrame: (frame: Frame<T>) => void;
  #head: Buffer = Buffer.alloc(0);
  #message: T | undefined;
  #body = new Uint8Array(0);
  #filled = 0;

  constructor(onFrame: (frame: Frame<T>) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes the next piece. */
  take(piece: Buffer): void {
    let rest = piece;
    while (rest.length > 0) {
      rest = this.#message === undefined ? this.#takeHead(rest) : this.#takeBody(rest);
      if (this.#message !== undefined && this.#filled === this.#body.length) this.#finish(this.#message);
    }
  }

  #takeHead(piece: Buffer): Buffer {
    const head = this.#head.length === 0 ? piece : Buffer.concat([this.#head, piece]);
    const end = head.length < 4 ? Infinity : 4 + head.readUInt32LE();
    if (head.length < end) {
      this.#head = head;
      return Buffer.alloc(0);
    }
    this.#message = JSON.parse(head.toString('utf8', 4, end)) as T;
    this.#body = new Uint8Array(this.#message.bytes ?? 0);
    this.#filled = 0;
    this.#head = Buffer.alloc(0);
    return head.subarray(end);
  }

  #takeBody(piece: Buffer): Buffer {
    const part = piece.subarray(0, this.#body.length - this.#filled);
    this.#body.set(part, this.#filled);
    this.#filled += part.length;
    return piece.subarray(part.length);
  }

  #finish(message: T): void {
    const bytes = this.#body;
    this.#message = undefined;
    this.#body = new Uint8Array(0);
    this.#onFrame({ message, bytes });
  }
}

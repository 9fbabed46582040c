import { MaskloomError, type RunContext } from '@maskloom/core';
import type { CausalDecoder, DecoderStep, Piece } from './causal-decoder.js';
import type { readImage, ReadImage } from './read-image.js';

/** Reads an image, and pieces behind it. */
export type ReadWith = (pieces: readonly Piece[], run: RunContext) => ReturnType<typeof readImage>;

/** The image that a session is about: read already, or read together with what is asked first. */
export class SessionImage {
  readonly #decoder: CausalDecoder;
  readonly #readWith: ReadWith;
  #read: ReadImage | undefined;
  #reading: Promise<ReadImage> | undefined;

  /** @param read - where it was read already */
  constructor(decoder: CausalDecoder, readWith: ReadWith, read?: ReadImage) {
    this.#decoder = decoder;
    this.#readWith = readWith;
    this.#read = read;
    this.#reading = read && Promise.resolve(read);
  }

  /**
   * The image.
   * @throws MaskloomError `VALUE_INVALID` while it has not been read
   */
  get now(): ReadImage {
    if (this.#read !== undefined) return this.#read;
    throw new MaskloomError(
      'VALUE_INVALID',
      'The image has not been read: it is read with the first question.',
      {
        where: 'imageStates',
        hint: 'Ask first, or read the image without `asked`.',
      },
    );
  }

  /** The image, read by itself where it was not read yet. */
  async get(run: RunContext): Promise<ReadImage> {
    if (this.#reading === undefined) await this.followedBy([], run);
    return this.#reading ?? this.get(run);
  }

  /** Reads pieces that follow the image; with it, where it was not read yet. */
  async followedBy(pieces: readonly Piece[], run: RunContext): Promise<readonly DecoderStep[]> {
    if (this.#reading !== undefined) return this.#decoder.steps(pieces, (await this.#reading).cache, run);
    const both = this.#readWith(pieces, run);
    this.#reading = both.then(({ image }) => (this.#read = image));
    // A later question tries anew.
    this.#reading.catch(() => (this.#reading = undefined));
    return (await both).steps;
  }
}

import { segmentColour } from './client/palette.js';

/** Gives every class a colour of the palette, in the order they are asked for: the same class alike in all pictures. */
export class ClassColours {
  readonly #places = new Map<string, number>();

  /** @param labels - classes that have a colour already, in their order */
  constructor(labels: readonly string[] = []) {
    for (const label of labels) this.placeOf(label);
  }

  /** The classes that have a colour, in their order. */
  get labels(): readonly string[] {
    return [...this.#places.keys()];
  }

  /** A class's place, 0 and up; colours repeat when there are more classes than the palette has. */
  placeOf(label: string): number {
    const known = this.#places.get(label);
    if (known !== undefined) return known;
    this.#places.set(label, this.#places.size);
    return this.#places.size - 1;
  }

  /** A class's colour as `#rrggbb`. */
  colourOf(label: string): string {
    return segmentColour(this.placeOf(label));
  }
}

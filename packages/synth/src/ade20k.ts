import { STUFF_CATEGORIES, splitOf, THING_CATEGORIES } from './records.js';
import type { Scene } from './scene.js';
import { shapeCategory } from './vocabulary.js';

/** Makes ADE20K index pictures and the table of their classes: 0 = not labelled, 1..8 shapes, 9..14 stuff. */
export class AdeIndex {
  readonly #pixels = new Float64Array(15);
  readonly #training = new Int32Array(15);
  readonly #held = new Int32Array(15);
  #total = 0;

  /** The index picture of a scene, row-major; its classes are counted for the table. */
  add(scene: Scene): Uint8Array {
    const { labels } = scene;
    const index = new Uint8Array(32);
    const scenes = splitOf(scene.seed) === 'train' ? this.#training : this.#held;
    const seen = new Set<number>();
    const note = (id: number, value: number, area: number): void => {
      index[id] = value;
      this.#pixels[value] = (this.#pixels[value] as number) + area;
      seen.add(value);
    };
    for (const thing of scene.things) note(thing.id, shapeCategory(thing.shape), thing.area);
    for (const stuff of scene.stuff) note(stuff.id, stuff.id - 2, stuff.area);
    for (const value of seen) scenes[value] = (scenes[value] as number) + 1;
    this.#total += labels.length;
    const out = new Uint8Array(labels.length);
    for (let p = 0; p < out.length; p++) out[p] = index[labels[p] as number] as number;
    return out;
  }

  /**
   * The text of `objectInfo.csv` with the columns of ADE20K's `objectInfo150.csv`: Ratio = share of all pixels, Train and
   * Val = scenes of the training split and of the others that show the class, Stuff = 1 for stuff.
   */
  table(): string {
    const rows = [...THING_CATEGORIES, ...STUFF_CATEGORIES].map(({ name, isthing }, i) => {
      const value = i + 1;
      const ratio = ((this.#pixels[value] as number) / Math.max(1, this.#total)).toFixed(4);
      return `${value},${ratio},${this.#training[value]},${this.#held[value]},${1 - isthing},${name}`;
    });
    return ['Idx,Ratio,Train,Val,Stuff,Name', ...rows, ''].join('\n');
  }
}

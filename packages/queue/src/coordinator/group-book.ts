import type { Sealed } from '../protocol/seal.js';
import type { Group } from '../protocol/messages.js';

/** A group that is in the queue and not settled. */
export interface OpenGroup {
  /** Its id in the queue. */
  readonly id: string;
  /** As it was put into the queue. */
  readonly sealed: Sealed;
  /** Units without an outcome: index of the subject by key. */
  readonly left: Map<string, number>;
  /** Path of the picture on this machine. */
  readonly picture: string;
  /** When it was last put into the queue, in milliseconds of the process. */
  queued: number;
  /** Times it was put into the queue since one of its units had an outcome. */
  tries: number;
  /** Why an answer was refused last. */
  refusal?: string;
}

/** Groups that are in the queue: bounded, so that neither this process nor Redis grows with the run. */
export class GroupBook {
  readonly #groups = new Map<string, OpenGroup>();
  #letters = 0;

  /** Groups in the queue. */
  get size(): number {
    return this.#groups.size;
  }

  /** Whether another group may be put into the queue. */
  get hasRoom(): boolean {
    return this.#groups.size < MOST_GROUPS && this.#letters < MOST_LETTERS;
  }

  /** Whether it is time to put the next groups into the queue, many at a time. */
  get isHalfEmpty(): boolean {
    return this.#groups.size < MOST_GROUPS / 2 && this.#letters < MOST_LETTERS / 2;
  }

  /** Units without an outcome, over all groups in the queue. */
  get units(): number {
    let count = 0;
    for (const { left } of this.#groups.values()) count += left.size;
    return count;
  }

  /** Notes a group that is put into the queue. */
  add({ id, units }: Group, sealed: Sealed, picture: string): OpenGroup {
    const group: OpenGroup = {
      id,
      sealed,
      left: new Map(units.map(({ key, unit }) => [key, unit.subject])),
      picture,
      queued: performance.now(),
      tries: 1,
    };
    this.#groups.set(id, group);
    this.#letters += sealed.body.length;
    return group;
  }

  /** A group that is not settled. */
  get(id: string): OpenGroup | undefined {
    return this.#groups.get(id);
  }

  /** Groups that were put into the queue at least so many milliseconds ago. */
  olderThan(ms: number): readonly OpenGroup[] {
    const before = performance.now() - ms;
    return [...this.#groups.values()].filter(({ queued }) => queued < before);
  }

  /** Notes that a unit has an outcome; a group whose last one it was is settled. */
  settle(group: OpenGroup, key: string): void {
    group.left.delete(key);
    group.tries = 1;
    if (group.left.size > 0 || !this.#groups.delete(group.id)) return;
    this.#letters -= group.sealed.body.length;
  }
}

/** More than workers take while a batch is on its way to them. */
const MOST_GROUPS = 2048;
const MOST_LETTERS = 32 * 1024 * 1024;

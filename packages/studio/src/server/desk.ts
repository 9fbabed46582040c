import type { Registry } from '@maskloom/core';
import type { PictureStore } from '../pictures/picture-store.js';
import type { FairQueue } from '../queue/fair-queue.js';
import type { Models } from '../systems/models.js';

/** What the routes work with. */
export interface Desk {
  readonly registry: Registry;
  readonly models: Models;
  readonly pictures: PictureStore;
  readonly queue: FairQueue;
  /** The device that was asked for. */
  readonly device: string;
  /** The release. */
  readonly version: string;
}

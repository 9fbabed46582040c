import type { Size } from '@maskloom/core';
import type { z } from 'zod';
import { openPanopticPng } from '../files/label-image.js';
import { mostFor } from '../files/limits.js';
import { dataInvalid } from '../files/validate.js';
import type { panopticSchema } from './records.js';

/** Which of its listed segments each pixel of a panoptic picture is of. */
export interface SegmentPlaces extends Size {
  /** Row-major [height, width]: places of segments, 0 for every other pixel. */
  readonly places: Uint8Array | Uint16Array | Int32Array;
  /** The place of each listed id, from 1 on. */
  readonly placeOf: ReadonlyMap<number, number>;
  /** By place: whether a pixel is of it. */
  readonly occurs: readonly boolean[];
  /** The first id of the picture that is not in the list; 0 stands for no segment and need not be. */
  readonly unlisted: number | undefined;
}

/**
 * Decodes a panoptic picture.
 * @param image - its image, whose size it must have
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`
 */
export async function readSegmentPlaces(
  path: string,
  image: Size,
  { segments_info }: z.output<typeof panopticSchema>,
): Promise<SegmentPlaces> {
  const { width, height, each } = await openPanopticPng(path, mostFor(image));
  if (width !== image.width || height !== image.height) {
    throw dataInvalid(path, 'size', `it is ${width} x ${height}, its image ${image.width} x ${image.height}`);
  }
  const placeOf = new Map<number, number>();
  for (const { id } of segments_info) if (!placeOf.has(id)) placeOf.set(id, placeOf.size + 1);
  const places = placesFor(placeOf.size, width * height);
  const occurs = new Array<boolean>(placeOf.size + 1).fill(false);
  let unlisted: number | undefined;
  each((ids, y) => {
    // Neighbours are mostly of one segment: a place is looked up once a run, not once a pixel.
    let [last, place] = [-1, 0];
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const id = ids[x] as number;
      if (id !== last) {
        last = id;
        place = placeOf.get(id) ?? 0;
        occurs[place] = true;
        if (place === 0 && id !== 0) unlisted ??= id;
      }
      places[at] = place;
    }
  });
  return { width, height, places, placeOf, occurs, unlisted };
}

/** The smallest numbers that hold the places of so many segments. */
function placesFor(segments: number, pixels: number): SegmentPlaces['places'] {
  if (segments < 1 << 8) return new Uint8Array(pixels);
  return segments < 1 << 16 ? new Uint16Array(pixels) : new Int32Array(pixels);
}

import type { MaskloomError } from '@maskloom/core';
import { readJsonLists } from '../files/json-items.js';
import { readJsonSlices } from '../files/json-slices.js';
import { lineOf } from '../files/line-of.js';
import { attempt, type OnProblem } from '../files/problems.js';
import { dataInvalid, validate } from '../files/validate.js';
import { annotationSchema, categorySchema, imageSchema } from './records.js';
import type { CocoAnnotation, CocoCategory, CocoImage } from './coco.js';

const KEYS = ['images', 'categories', 'annotations'];
/** Notes that are kept: a converter that writes one NaN writes thousands. */
const MOST_NOTES = 20;
type Ids = [id: number, imageId: number, categoryId: number];

/**
 * The annotations of a COCO file by image or by id, without holding them: one pass validates the file and notes where
 * each annotation is (some 100 bytes for each), and they are read again when they are asked for.
 */
export class CocoStore {
  /** Path of the file. */
  readonly file: string;
  /** By id. */
  readonly images: ReadonlyMap<number, CocoImage>;
  /** By id, in the order of the file. */
  readonly categories: ReadonlyMap<number, CocoCategory>;
  /** Fields that hold no number where one belongs, and were taken as missing. */
  readonly notes: readonly string[];
  readonly #starts: number[];
  readonly #ends: number[];
  readonly #imageIds: number[];
  readonly #byId: ReadonlyMap<number, number>;
  readonly #byImage: ReadonlyMap<number, number[]>;

  private constructor(
    file: string,
    images: Map<number, CocoImage>,
    categories: Map<number, CocoCategory>,
    places: Places,
    notes: readonly string[],
  ) {
    this.notes = notes;
    this.file = file;
    this.images = images;
    this.categories = categories;
    this.#starts = places.starts;
    this.#ends = places.ends;
    this.#imageIds = places.imageIds;
    this.#byId = places.byId;
    this.#byImage = places.byImage;
  }

  /**
   * Reads through the file. Annotations must belong to an image and a category of the file, ids must be unique.
   * @param onProblem - takes what is wrong with single records, which are left out; without it the first one is thrown
   * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
   */
  static async open(file: string, onProblem?: OnProblem, signal?: AbortSignal): Promise<CocoStore> {
    const images = new Map<number, CocoImage>();
    const categories = new Map<number, CocoCategory>();
    const found = new Found();
    const notes: string[] = [];
    for await (const { key, index, value, missing = [], start, end } of readJsonLists(file, KEYS, signal)) {
      for (const field of missing)
        if (notes.length < MOST_NOTES)
          notes.push(
            `${file}, line ${await lineOf(file, start)}: ${key}[${index}].${field} is no number (NaN or Infinity): taken as missing`,
          );
      await attempt(onProblem, () => {
        const field = `${key}[${index}]`;
        if (key === 'images') addOnce(images, validate(imageSchema, value, file, field), file, field);
        else if (key === 'categories')
          addOnce(categories, validate(categorySchema, value, file, field), file, field);
        else found.add(validate(annotationSchema, value, file, field), index, start, end);
      });
    }
    // A file may hold its annotations before its images, so what they point to is looked up last.
    const places = new Places();
    for (let row = 0; row < found.ids.length; row++) {
      await attempt(onProblem, () => {
        const [id, imageId, categoryId] = [found.ids, found.imageIds, found.categoryIds].map(
          (list) => list[row],
        ) as Ids;
        const wrong = (name: string, why: string): MaskloomError =>
          dataInvalid(file, `annotations[${found.indices[row]}].${name}`, why);
        if (places.byId.has(id)) throw wrong('id', `${id} occurs twice`);
        if (!images.has(imageId)) throw wrong('image_id', `there is no image ${imageId}`);
        if (!categories.has(categoryId)) throw wrong('category_id', `there is no category ${categoryId}`);
        places.add(id, imageId, found.starts[row] as number, found.ends[row] as number);
      });
    }
    return new CocoStore(file, images, categories, places, notes);
  }

  /** Number of annotations. */
  get size(): number {
    return this.#starts.length;
  }

  /** The image of an annotation; `undefined` when there is no such annotation. */
  imageOf(id: number): number | undefined {
    const row = this.#byId.get(id);
    return row === undefined ? undefined : this.#imageIds[row];
  }

  /**
   * Annotations by id, in the order of the ids.
   * @throws MaskloomError `DATA_INVALID` when one does not exist or the file has changed since it was opened
   */
  async annotations(ids: readonly number[]): Promise<readonly CocoAnnotation[]> {
    return this.#read(
      ids.map((id) => {
        const row = this.#byId.get(id);
        if (row === undefined) throw dataInvalid(this.file, 'annotations', `there is no annotation ${id}`);
        return row;
      }),
    );
  }

  /**
   * The annotations of an image, in the order of the file.
   * @throws MaskloomError `DATA_INVALID` when the file has changed since it was opened
   */
  async ofImage(imageId: number): Promise<readonly CocoAnnotation[]> {
    return this.#read(this.#byImage.get(imageId) ?? []);
  }

  async #read(rows: readonly number[]): Promise<readonly CocoAnnotation[]> {
    const slices = rows.map((row) => ({
      start: this.#starts[row] as number,
      end: this.#ends[row] as number,
    }));
    const values = await readJsonSlices(this.file, slices);
    return values.map((value, i) => validate(annotationSchema, value, this.file, `annotations[${rows[i]}]`));
  }
}

class Places {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly imageIds: number[] = [];
  readonly byId = new Map<number, number>();
  readonly byImage = new Map<number, number[]>();

  add(id: number, imageId: number, start: number, end: number): void {
    const row = this.starts.length;
    this.starts.push(start);
    this.ends.push(end);
    this.imageIds.push(imageId);
    this.byId.set(id, row);
    const rows = this.byImage.get(imageId);
    if (rows === undefined) this.byImage.set(imageId, [row]);
    else rows.push(row);
  }
}

/** Annotations as they come, before what they point to is known. */
class Found {
  readonly ids: number[] = [];
  readonly imageIds: number[] = [];
  readonly categoryIds: number[] = [];
  readonly indices: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  add({ id, image_id, category_id }: CocoAnnotation, index: number, start: number, end: number): void {
    this.ids.push(id);
    this.imageIds.push(image_id);
    this.categoryIds.push(category_id);
    this.indices.push(index);
    this.starts.push(start);
    this.ends.push(end);
  }
}

/** Adds a record by its id. @throws MaskloomError `DATA_INVALID` when there is one of that id */
export function addOnce<T extends { readonly id: number }>(
  into: Map<number, T>,
  record: T,
  file: string,
  field: string,
): void {
  if (into.has(record.id)) throw dataInvalid(file, `${field}.id`, `${record.id} occurs twice`);
  into.set(record.id, record);
}

import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MaskloomError, type ImageFrame } from '@maskloom/core';
import { loadImage } from '@maskloom/runtime';
import type { StudioExample, StudioQuestion } from './example.js';
import type { NamedPicture } from './named-pictures.js';
import type { Scratch } from './scratch.js';

/** Limits of uploads. */
export interface UploadLimits {
  /** Largest width * height. */
  readonly maxPixels: number;
  /** Longest time to decode one, in milliseconds. */
  readonly timeoutMs: number;
  /** Uploads that one tab may keep; the oldest goes first. */
  readonly perTab: number;
}

interface Upload extends NamedPicture {
  readonly tab: string;
}

/** A picture as lists show it. */
export interface PictureEntry {
  /** What questions call it. */
  readonly id: string;
  /** The file's name. */
  readonly name: string;
  /** Where it came from. */
  readonly from: 'folder' | 'upload';
  /** Whether questions come with it. */
  readonly asked?: true | undefined;
}

/** Decoded pictures that are kept. */
const FRAMES = 3;

/** The pictures that can be asked about: those of the command line for everybody, an upload for the tab that brought it. */
export class PictureStore {
  readonly #named: ReadonlyMap<string, NamedPicture>;
  readonly #scratch: Scratch;
  readonly #limits: UploadLimits;
  readonly #uploads = new Map<string, Upload>();
  /** The last ones decoded, by id; the map's order is that of use. */
  readonly #frames = new Map<string, Promise<ImageFrame>>();

  constructor(named: readonly NamedPicture[], scratch: Scratch, limits: UploadLimits) {
    this.#named = new Map(named.map((picture) => [picture.id, picture]));
    this.#scratch = scratch;
    this.#limits = limits;
  }

  /** What a tab can ask about. */
  list(tab: string): readonly PictureEntry[] {
    const own = [...this.#uploads.values()].filter((upload) => upload.tab === tab);
    return [
      ...[...this.#named.values()].map(({ id, name, example }) => ({
        id,
        name,
        from: 'folder' as const,
        ...(example === undefined ? {} : { asked: true as const }),
      })),
      ...own.map(({ id, name }) => ({ id, name, from: 'upload' as const })),
    ];
  }

  /**
   * Keeps an upload in the scratch folder, once it proved to be a picture within the limits.
   * @param name - shown only; the file's own name is a random one
   * @throws MaskloomError IMAGE_*
   */
  async upload(tab: string, name: string, bytes: Uint8Array): Promise<PictureEntry & { frame: ImageFrame }> {
    const { maxPixels, timeoutMs, perTab } = this.#limits;
    const frame = await loadImage(bytes, { maxPixels, timeoutMs });
    const id = randomUUID();
    const path = join(this.#scratch.folder, id);
    await writeFile(path, bytes, { mode: 0o600 });
    this.#uploads.set(id, { id, name, path, tab });
    this.#remember(id, Promise.resolve(frame));
    const own = [...this.#uploads.values()].filter((upload) => upload.tab === tab);
    for (const old of own.slice(0, -perTab)) await this.#forget(old);
    return { id, name, from: 'upload', frame };
  }

  /**
   * A picture's name and pixels.
   * @throws MaskloomError DATA_NOT_FOUND when there is no such picture, or it is another tab's; IMAGE_*
   */
  async open(tab: string, id: string): Promise<{ readonly name: string; readonly frame: ImageFrame }> {
    const picture = this.#find(tab, id);
    const frame = this.#frames.get(id) ?? this.#load(picture);
    this.#remember(id, frame);
    return { name: picture.name, frame: await frame };
  }

  /**
   * What is to be asked about a picture of a data set or a run; nothing about others.
   * @throws MaskloomError as of {@link PictureStore.open}; what reading the data throws
   */
  async example(
    tab: string,
    id: string,
  ): Promise<Pick<StudioExample, 'system'> & { readonly questions: readonly StudioQuestion[] }> {
    const { example } = this.#find(tab, id);
    const { system } = example ?? {};
    const questions = (await example?.questions()) ?? [];
    return { questions, ...(system === undefined ? {} : { system }) };
  }

  /**
   * One of the questions that come with a picture.
   * @param at - its place; none is asked for when absent
   * @throws MaskloomError DATA_NOT_FOUND when there is no such question
   */
  async question(tab: string, id: string, at: number | undefined): Promise<StudioQuestion | undefined> {
    if (at === undefined) return undefined;
    const found = (await this.example(tab, id)).questions[at];
    if (found !== undefined) return found;
    throw new MaskloomError('DATA_NOT_FOUND', 'No such question comes with the picture.', {
      where: 'about',
      hint: 'GET /api/pictures/ID/questions lists those there are.',
    });
  }

  /** Drops everything that a tab brought. */
  async leave(tab: string): Promise<void> {
    for (const upload of [...this.#uploads.values()]) if (upload.tab === tab) await this.#forget(upload);
  }

  #find(tab: string, id: string): NamedPicture {
    const upload = this.#uploads.get(id);
    const picture = this.#named.get(id) ?? (upload?.tab === tab ? upload : undefined);
    if (picture !== undefined) return picture;
    throw new MaskloomError('DATA_NOT_FOUND', 'There is no such picture.', {
      where: 'picture',
      hint: 'GET /api/pictures lists those there are.',
    });
  }

  async #load({ path, example }: NamedPicture): Promise<ImageFrame> {
    const { maxPixels, timeoutMs } = this.#limits;
    const asStored = (await example?.asStored?.()) ?? false;
    return loadImage(path, { maxPixels, timeoutMs, asStored });
  }

  #remember(id: string, frame: Promise<ImageFrame>): void {
    this.#frames.delete(id);
    this.#frames.set(id, frame);
    frame.catch(() => this.#frames.delete(id));
    for (const old of [...this.#frames.keys()].slice(0, -FRAMES)) this.#frames.delete(old);
  }

  async #forget({ id, path }: Upload): Promise<void> {
    this.#uploads.delete(id);
    this.#frames.delete(id);
    await rm(path, { force: true });
  }
}

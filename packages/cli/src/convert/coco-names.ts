import { basename } from 'node:path';
import { MaskloomError, suggest } from '@maskloom/core';
import { readCocoInstances, type CocoIds, type CocoInstances } from '@maskloom/data';

/**
 * A COCO file's images and classes, without its annotations.
 * @param maxPixels - largest width * height that a record of an image may state; 100,000,000 when absent
 * @throws MaskloomError DATA_NOT_FOUND, DATA_INVALID, IMAGE_TOO_LARGE
 */
export function readCocoNames(file: string, maxPixels?: number): Promise<CocoInstances> {
  return readCocoInstances(file, () => false, maxPixels);
}

/** Ids by file name and class name; what the COCO file does not have is an error. */
export function idsOf({ file, images, categories }: CocoInstances): CocoIds {
  const byName = new Map([...images.values()].map(({ id, file_name }) => [basename(file_name), id]));
  const byLabel = new Map([...categories.values()].map(({ id, name }) => [name, id]));
  const find = (known: ReadonlyMap<string, number>, name: string, what: string): number => {
    const id = known.get(name);
    if (id !== undefined) return id;
    throw new MaskloomError('DATA_INVALID', `The COCO file has no ${what} '${name}'.`, {
      where: file,
      hint: suggest(name, [...known.keys()].slice(0, 100)),
    });
  };
  return {
    image: (path) => find(byName, basename(path), 'image'),
    category: (label) => find(byLabel, label, 'category'),
  };
}

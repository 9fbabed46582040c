import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { maskArea, maskBox, mergeMasks, throwIfAborted, type RleMask, type Size } from '@maskloom/core';
import { z } from 'zod';
import { inside } from '../files/inside.js';
import { readJsonFile } from '../files/json-file.js';
import { filesOf, stemOf } from '../files/layout.js';
import { drawnPicture } from '../files/picture-sizes.js';
import { attempt } from '../files/problems.js';
import { dataInvalid, validate } from '../files/validate.js';
import type { Dataset, DatasetClass, DatasetSample, DatasetSegment, OpenOptions } from '../open/dataset.js';
import { maskOfShape, shapeSchema, type Shape } from './shapes.js';

const recordSchema = z.object({ imagePath: z.string().min(1), shapes: z.array(shapeSchema) });
type LabelmeRecord = z.output<typeof recordSchema>;

/** The label of regions that count for nothing. */
const IGNORED = '__ignore__';

/**
 * Opens a folder of labelme records: `name.json` in the folder, or below it where it holds none itself. Shapes with the same
 * label and `group_id` are one segment, see `maskOfShape` for what each kind covers; points and lines have no area and are
 * named in the sample's notes. Classes are the labels that occur, in the order of their code units; shapes labelled
 * `__ignore__` are left out. labelme draws on the picture as it is shown, and so is read here.
 *
 * A record's `imagePath` is relative to the record and stays inside of the folder opened; with `images` its last part is looked
 * for there; a picture that is not at its path but beside the record is taken.
 */
export async function openLabelme(root: string, options: OpenOptions): Promise<Dataset> {
  const { onProblem, signal, drawn = 'shown', maxPixels } = options;
  const here = await filesOf(root, ['.json']);
  const names = here.length > 0 ? here : await filesOf(root, ['.json'], true);
  if (names.length === 0) throw dataInvalid(root, '*.json', 'there are no records');
  const read = async (name: string): Promise<LabelmeRecord> =>
    validate(recordSchema, await readJsonFile(join(root, name)), join(root, name), 'record');
  const labels = new Set<string>();
  const whole: string[] = [];
  for (const name of names) {
    throwIfAborted(signal, `reading ${root}`);
    await attempt(onProblem, async () => {
      for (const { label } of (await read(name)).shapes) labels.add(label);
      whole.push(name);
    });
  }
  labels.delete(IGNORED);
  const classes = [...labels].sort().map((name, id): DatasetClass => ({ id, name }));
  async function* samples(): AsyncGenerator<DatasetSample> {
    for (const name of whole) {
      throwIfAborted(signal, `reading ${root}`);
      const sample = await attempt(onProblem, async (): Promise<DatasetSample> => {
        const file = join(root, name);
        const { imagePath, shapes } = await read(name);
        const path = pictureOf(root, file, imagePath, options.images);
        const { size } = await drawnPicture(path, undefined, drawn, maxPixels);
        const flat = shapes.filter((shape) => shape.label !== IGNORED && maskless(shape));
        return {
          id: stemOf(name),
          path,
          ...size,
          segments: () => segmentsOf(shapes, size, file, classes, onProblem),
          ...(flat.length === 0
            ? {}
            : {
                notes: flat.map(
                  ({ label, shape_type }) => `${file}: '${label}' is a ${shape_type}, which has no area`,
                ),
              }),
        };
      });
      if (sample !== undefined) yield sample;
    }
  }
  return { format: 'labelme', kind: 'instances', root, split: undefined, drawn, classes, samples };
}

function maskless({ shape_type }: Shape): boolean {
  return ['point', 'points', 'line', 'linestrip'].includes(shape_type ?? '');
}

function pictureOf(root: string, file: string, imagePath: string, images: string | undefined): string {
  const last = basename(imagePath.replaceAll('\\', '/'));
  if (images !== undefined) return inside(images, last, file, 'imagePath');
  const below = relative(root, dirname(file));
  const path = inside(root, join(below, imagePath.replaceAll('\\', '/')), file, 'imagePath');
  const beside = join(dirname(file), last);
  return !existsSync(path) && existsSync(beside) ? beside : path;
}

async function segmentsOf(
  shapes: readonly Shape[],
  size: Size,
  file: string,
  classes: readonly DatasetClass[],
  onProblem: OpenOptions['onProblem'],
): Promise<readonly DatasetSegment[]> {
  const groups = new Map<string, { readonly label: string; readonly masks: RleMask[] }>();
  for (const [i, shape] of shapes.entries()) {
    if (shape.label === IGNORED) continue;
    const mask = await attempt(onProblem, () => maskOfShape(shape, size, file, `shapes[${i}]`));
    if (mask === undefined) continue;
    const key = (shape.group_id ?? null) === null ? `${i}` : JSON.stringify([shape.label, shape.group_id]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { label: shape.label, masks: [mask] });
    else group.masks.push(mask);
  }
  return [...groups.values()].map(({ label, masks }, id) => {
    const mask = mergeMasks(masks);
    return {
      id,
      classIndex: classes.findIndex((one) => one.name === label),
      mask,
      area: maskArea(mask),
      bbox: maskBox(mask),
      crowd: false,
      source: 'polygons',
    };
  });
}

import { basename, join } from 'node:path';
import { encodeMask, mergeMasks, maskArea, maskBox, throwIfAborted, type RleMask } from '@maskloom/core';
import { z } from 'zod';
import { inside } from '../files/inside.js';
import { readJsonFile } from '../files/json-file.js';
import { imageSize } from '../files/label-image.js';
import { filesOf } from '../files/layout.js';
import { attempt } from '../files/problems.js';
import { dataInvalid, validate } from '../files/validate.js';
import type { Dataset, DatasetClass, DatasetSample, DatasetSegment, OpenOptions } from '../open/dataset.js';
import { fillOutline } from '../reason/fill-outline.js';

const coordinate = z.number().min(-0x7fffffff).max(0x7fffffff);
const shapeSchema = z.object({
  label: z.string().min(1),
  points: z.array(z.tuple([coordinate, coordinate])).min(1),
  shape_type: z.string().nullish(),
  group_id: z.union([z.number(), z.string()]).nullish(),
});
const recordSchema = z.object({ imagePath: z.string().min(1), shapes: z.array(shapeSchema) });
type Shape = z.output<typeof shapeSchema>;

/** The label of regions that count for nothing. */
const IGNORED = '__ignore__';

/**
 * Opens a folder of labelme records: `name.json` with polygons or rectangles. Shapes with the same label and `group_id` are
 * one segment; outlines are filled as in ReasonSeg. Classes are the labels that occur, in the order of their code units;
 * shapes labelled `__ignore__` are left out.
 */
export async function openLabelme(root: string, options: OpenOptions): Promise<Dataset> {
  const { onProblem, signal } = options;
  const names = await filesOf(root, ['.json']);
  if (names.length === 0) throw dataInvalid(root, '*.json', 'there are no records');
  const read = async (name: string): Promise<z.output<typeof recordSchema>> =>
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
        const path = inside(root, imagePath, file, 'imagePath');
        const size = await imageSize(path);
        return {
          id: basename(name, '.json'),
          path,
          ...size,
          segments: async () => segmentsOf(shapes, size, file, classes),
        };
      });
      if (sample !== undefined) yield sample;
    }
  }
  return { format: 'labelme', kind: 'instances', root, split: undefined, classes, samples };
}

function segmentsOf(
  shapes: readonly Shape[],
  { width, height }: { readonly width: number; readonly height: number },
  file: string,
  classes: readonly DatasetClass[],
): readonly DatasetSegment[] {
  const groups = new Map<string, { readonly label: string; readonly masks: RleMask[] }>();
  shapes.forEach((shape, i) => {
    if (shape.label === IGNORED) return;
    const outline = outlineOf(shape, file, `shapes[${i}]`);
    const mask = encodeMask(fillOutline(outline, width, height), width, height);
    const key =
      shape.group_id === null || shape.group_id === undefined
        ? `${i}`
        : JSON.stringify([shape.label, shape.group_id]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { label: shape.label, masks: [mask] });
    else group.masks.push(mask);
  });
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

function outlineOf(
  { points, shape_type }: Shape,
  file: string,
  field: string,
): readonly (readonly [number, number])[] {
  const kind = shape_type ?? 'polygon';
  if (kind === 'polygon') return points;
  const [from, to] = points;
  if (kind !== 'rectangle' || from === undefined || to === undefined)
    throw dataInvalid(file, `${field}.shape_type`, `'${kind}' has no area that can be filled`);
  return [from, [to[0], from[1]], to, [from[0], to[1]]];
}

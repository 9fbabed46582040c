import { maskArea, maskBox, MaskloomError, type RleMask } from '@maskloom/core';
import {
  drawnPicture,
  isDataError,
  openDataset,
  pictureSizes,
  UNLABELLED,
  type Dataset,
  type DatasetSample,
} from '@maskloom/data';
import type { ConfiguredData } from '../config/config.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import { dataChoice, type DataFlags } from './data-options.js';

/** Options of `maskloom data show`. */
export interface ShowFlags extends DataFlags {
  readonly format?: string;
  readonly split?: string;
  readonly splitBy?: string;
  readonly limit?: number;
  readonly json?: boolean;
  readonly maxPixels?: number;
}

interface ShownRegion {
  /** Pixels of the mask. */
  readonly area: number;
  /** [x, y, width, height] of the mask's pixels. */
  readonly box: readonly number[];
}

/** One image as `data show --json` prints it. */
interface ShownImage {
  readonly id: string;
  readonly path: string;
  /** [width, height]. */
  readonly stored: readonly [number, number];
  /** [width, height]. */
  readonly shown: readonly [number, number];
  /** Which of the two the annotations are drawn on. */
  readonly drawn: string;
  readonly segments?: readonly (ShownRegion & {
    readonly id: number;
    readonly class: string;
    readonly crowd: boolean;
  })[];
  readonly classes?: readonly { readonly class: string; readonly pixels: number }[];
  readonly queries?: readonly {
    readonly text: string;
    readonly present: boolean;
    readonly mask: ShownRegion | null;
  }[];
  readonly notes: readonly string[];
}

/**
 * `maskloom data show`: what is read of a data set, masks and all, so that it can be compared with what another tool reads.
 * Records that cannot be read are named and left out.
 * @returns the exit code: 1 when records were left out
 */
export async function showData(
  { folder, ...known }: ConfiguredData,
  flags: ShowFlags,
  terminal: Terminal,
): Promise<number> {
  const format = flags.format ?? known.format;
  if (format === undefined)
    throw new MaskloomError('OPTION_INVALID', 'Say what form the data set has.', {
      where: '--format',
      hint: 'maskloom data formats lists them.',
    });
  const { strict: _, ...choice } = dataChoice(flags);
  const problems = new Set<string>();
  const onProblem = ({ code, message }: MaskloomError): void => {
    const line = `left out: ${code}: ${message}`;
    if (!problems.has(line)) terminal.note(line);
    problems.add(line);
  };
  const dataset = await openDataset(format, folder, {
    ...choice,
    split: flags.split ?? known.split,
    splitBy: flags.splitBy,
    maxPixels: flags.maxPixels,
    signal: terminal.signal,
    onProblem,
  });
  for (const note of dataset.notes ?? []) terminal.note(`note: ${note}`);
  let count = 0;
  for await (const sample of dataset.samples()) {
    if (count >= (flags.limit ?? Infinity)) break;
    try {
      const image = await describe(dataset, sample);
      terminal.out(flags.json === true ? `${JSON.stringify(image)}\n` : lines(image));
      count++;
    } catch (error) {
      if (!isDataError(error)) throw error;
      onProblem(error);
    }
  }
  if (flags.json !== true) terminal.out(`${count} images, ${problems.size} records left out\n`);
  return problems.size === 0 ? EXIT.ok : EXIT.failed;
}

async function describe(dataset: Dataset, sample: DatasetSample): Promise<ShownImage> {
  const { stored, shown } = await pictureSizes(sample.path, sample.width * sample.height);
  const { drawn, note } = await drawnPicture(sample.path, sample, dataset.drawn);
  const name = (index: number): string => dataset.classes[index]?.name ?? '?';
  const segments = await sample.segments?.();
  const labels = segments === undefined ? await sample.labels?.() : undefined;
  const queries = await sample.queries?.();
  return {
    id: sample.id,
    path: sample.path,
    stored: [stored.width, stored.height],
    shown: [shown.width, shown.height],
    drawn,
    ...(segments && {
      segments: segments.map(({ id, classIndex, mask, crowd }) => ({
        id,
        class: name(classIndex),
        ...regionOf(mask),
        crowd,
      })),
    }),
    ...(labels && { classes: pixelsByClass(labels.labels, name) }),
    ...(queries && {
      queries: queries.map(({ text, present, mask }) => ({
        text,
        present,
        mask: mask === undefined ? null : regionOf(mask),
      })),
    }),
    notes: [...(sample.notes ?? []), ...(note === undefined ? [] : [note])],
  };
}

function regionOf(mask: RleMask): ShownRegion {
  return { area: maskArea(mask), box: maskBox(mask) };
}

function pixelsByClass(
  labels: Uint16Array,
  name: (index: number) => string,
): readonly { readonly class: string; readonly pixels: number }[] {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([index, pixels]) => ({ class: index === UNLABELLED ? 'not labelled' : name(index), pixels }));
}

function lines({ id, path, stored, shown, drawn, segments, classes, queries, notes }: ShownImage): string {
  const size = (of: readonly number[]): string => of.join(' x ');
  const turned = size(stored) === size(shown) ? '' : `, shown ${size(shown)}, drawn on as ${drawn}`;
  const region = ({ area, box }: ShownRegion): string => `${area} pixels, box ${box.join(' ')}`;
  return [
    `${id}  ${path}  ${size(stored)}${turned}`,
    ...(segments ?? []).map(
      (one) => `  ${one.id}  ${one.class}  ${region(one)}${one.crowd ? '  crowd' : ''}`,
    ),
    ...(classes ?? []).map((one) => `  ${one.class}  ${one.pixels} pixels`),
    ...(queries ?? []).map(
      ({ text, present, mask }) =>
        `  "${text}"  ${present ? (mask === null ? 'no outline' : region(mask)) : 'false premise'}`,
    ),
    ...notes.map((note) => `  note: ${note}`),
    '',
  ].join('\n');
}

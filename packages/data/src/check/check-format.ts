import {
  areaOfRuns,
  boxOfRuns,
  maskArea,
  runsOfRle,
  throwIfAborted,
  type MaskloomError,
} from '@maskloom/core';
import { drawnPicture, type Drawn } from '../files/picture-sizes.js';
import { UNLABELLED, type Dataset, type DatasetSample, type OpenOptions } from '../open/dataset.js';
import { openDataset } from '../open/open-dataset.js';
import type { DatasetReport } from './check.js';
import { Findings, type CheckOptions } from './findings.js';

/** What a check of a real data set found. */
export interface FormatReport extends DatasetReport {
  /** What is not wrong, but good to know: empty targets, classes that never occur. */
  readonly notes: readonly string[];
}

/**
 * Reads a data set to its end and reports everything that is wrong with it: records, references between files, paths,
 * pictures that are missing or of another size, masks and label maps that cannot be read, stated areas and boxes that are
 * not those of the masks.
 * @param format - an id of {@link formats}
 * @throws MaskloomError `OPTION_INVALID` on an unknown format, `DATA_NOT_FOUND` when the folder is of another layout,
 * `ABORTED`
 */
export async function checkFormat(
  format: string,
  dir: string,
  options: CheckOptions &
    Pick<OpenOptions, 'split' | 'splitBy' | 'drawn' | 'annotations' | 'images' | 'maxPixels'> = {},
): Promise<FormatReport> {
  const { split, splitBy, signal, drawn, annotations, images, maxPixels } = options;
  const findings = new Findings(options);
  const onProblem = (error: MaskloomError): void => findings.report(error);
  const data = await openDataset(format, dir, {
    split,
    splitBy,
    signal,
    onProblem,
    drawn,
    annotations,
    images,
    maxPixels,
  });
  const notes: string[] = [...(data.notes ?? [])];
  const most = options.limit ?? 50;
  const used = new Set<number>();
  await findings.attempt(async () => {
    for await (const sample of data.samples()) {
      throwIfAborted(signal, `checking ${dir}`);
      await checkSample(sample, findings, notes, used, data.drawn);
      if (findings.full) return;
    }
  });
  const more = notes.length > most ? [`${notes.length - most} more notes`] : [];
  const unused = findings.full ? [] : unusedClasses(data, used);
  return {
    ok: findings.problems.length === 0,
    counts: findings.counts,
    problems: findings.problems,
    notes: [...notes.slice(0, most), ...more, ...unused],
  };
}

async function checkSample(
  sample: DatasetSample,
  findings: Findings,
  notes: string[],
  used: Set<number>,
  drawn: Drawn,
): Promise<void> {
  notes.push(...(sample.notes ?? []));
  await findings.attempt(async () => {
    const { note } = await drawnPicture(sample.path, sample, drawn);
    if (note !== undefined) notes.push(note);
    findings.count('images');
  });
  await findings.attempt(() => checkSegments(sample, findings, used));
  await findings.attempt(async () => {
    const classes = await labelledClasses(sample);
    if (classes === undefined) return;
    findings.count('label maps');
    for (const index of classes) used.add(index);
  });
  await findings.attempt(async () => {
    for (const query of (await sample.queries?.()) ?? []) {
      findings.count(query.present ? 'expressions' : 'false premises or without a target');
      if (query.mask !== undefined && maskArea(query.mask) === 0 && sample.notes === undefined)
        notes.push(`${sample.path}: the target of '${query.text}' (${query.id}) has no pixels`);
    }
  });
}

async function labelledClasses(sample: DatasetSample): Promise<ReadonlySet<number> | undefined> {
  if (sample.labelledClasses !== undefined) return sample.labelledClasses();
  const map = await sample.labels?.();
  if (map === undefined) return undefined;
  const { labels } = map;
  const found = new Set<number>();
  let last = UNLABELLED;
  // By place: an iterator costs more than the comparison, and this is every pixel of a data set.
  for (let p = 0; p < labels.length; p++) {
    const label = labels[p] as number;
    if (label !== last && label !== UNLABELLED) found.add(label);
    last = label;
  }
  return found;
}

async function checkSegments(sample: DatasetSample, findings: Findings, used: Set<number>): Promise<void> {
  for (const { id, classIndex, mask, area, bbox, source } of (await sample.segments?.()) ?? []) {
    findings.count('segments');
    used.add(classIndex);
    if (source === 'polygons') continue; // areas of polygons are stated before rasterising
    const where = `${sample.path}: segment ${id}`;
    const runs = runsOfRle(mask);
    const pixels = areaOfRuns(runs);
    if (pixels !== area) findings.problem(where, `the mask has ${pixels} pixels, ${area} are stated`);
    const box = boxOfRuns(runs);
    if (box.some((value, i) => value !== bbox[i]))
      findings.problem(where, `the mask's box is ${box.join(', ')}, ${bbox.join(', ')} is stated`);
  }
}

function unusedClasses(data: Dataset, used: ReadonlySet<number>): readonly string[] {
  if (used.size === 0) return [];
  const missing = data.classes.filter((_, index) => !used.has(index));
  if (missing.length === 0) return [];
  const names = missing.slice(0, 5).map(({ name }) => name);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  return [`${missing.length} of ${data.classes.length} classes do not occur: ${names.join(', ')}${more}`];
}

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MaskloomError, moveFolder, partialPath, removeAbandoned, throwIfAborted } from '@maskloom/core';
import { protocolNamed } from '../protocols/protocols.js';
import { openRunResults, type OpenRun } from '../runner/open-run.js';
import { runPaths } from '../runner/run-folder.js';
import { fillTable } from '../tables/fill-table.js';
import { imageScores, type SubjectScores } from './image-scores.js';
import { indexPage, type ReportSection } from './index-page.js';
import { writeOverlayPage, type OverlayPage } from './overlay-page.js';
import { answerPlots, sizePlot } from './plots.js';
import { byDifference, rankImages, type RankedImage } from './rank-images.js';
import { subjectLabels } from './subject-labels.js';

/** How a run's report is made. */
export interface RunReportOptions {
  /** The run's folder. */
  readonly folder: string;
  /** Images on each page of overlays; 24 when absent. */
  readonly images?: number;
  /** Ends the making with `ABORTED`; an earlier report stays. */
  readonly signal?: AbortSignal;
  /** Called with the name of each page that is written. */
  readonly onProgress?: (line: string) => void;
}

/**
 * Makes one folder of pages from a run: tables, plots, scores by class and image, and predictions beside the ground truth,
 * the worst images first and those that the systems differ on. Opens from disk without a network; replaces an earlier one.
 * @returns path of the first page
 * @throws MaskloomError `RUN_INVALID`, `OUTPUT_UNWRITABLE`, `ABORTED`
 */
export async function buildRunReport(options: RunReportOptions): Promise<string> {
  const { folder } = options;
  await using run = await openRunResults(folder);
  const { report } = runPaths(folder);
  const partial = partialPath(report);
  try {
    removeAbandoned(folder);
    mkdirSync(partial, { recursive: true });
    const sections: ReportSection[] = [];
    for (const { part, protocol } of run.plan.work) {
      throwIfAborted(options.signal, 'report');
      const section = await buildSection(run, part, protocol, partial, options);
      if (section !== undefined) sections.push(section);
    }
    const tables = run.plan.tables.map((ablation) => fillTable(ablation, run));
    const failures = failureLines(run);
    writeFileSync(
      join(partial, 'index.html'),
      indexPage({ command: run.plan.command, tables, sections, failures }),
    );
    writeFileSync(join(partial, 'tables.json'), `${JSON.stringify(tables, undefined, 1)}\n`);
    rmSync(report, { recursive: true, force: true });
    await moveFolder(partial, report);
    return join(report, 'index.html');
  } catch (cause) {
    if (existsSync(partial)) rmSync(partial, { recursive: true, force: true });
    if (MaskloomError.is(cause)) throw cause;
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new MaskloomError('OUTPUT_UNWRITABLE', `The report cannot be written: ${cause.message}.`, {
      where: report,
      hint: 'Make room there.',
      cause,
    });
  }
}

async function buildSection(
  run: OpenRun,
  part: string,
  protocol: string,
  out: string,
  options: RunReportOptions,
): Promise<ReportSection | undefined> {
  const scores = imageScores(run, part, protocol);
  if (scores.length === 0) return undefined;
  const labels = subjectLabels(run.plan);
  const ranked = rankImages(scores);
  const id = `${part}-${protocol}`.replaceAll(/[^a-z0-9-]+/gi, '_');
  const { headline, summary } = protocolNamed(protocol);
  const shown = options.images ?? 24;
  const chosen: readonly (readonly [OverlayPage['choice'], string, readonly RankedImage[]])[] = [
    ['worst', 'The worst images first', ranked.slice(0, shown)],
    ...(scores.length > 1
      ? [
          [
            'different',
            'Images that the rows differ most on first',
            byDifference(ranked).slice(0, shown),
          ] as const,
        ]
      : []),
  ];
  const places = placesOf(run, part);
  const pages: { readonly file: string; readonly title: string }[] = [];
  for (const [name, title, images] of chosen) {
    throwIfAborted(options.signal, 'report');
    const file = `${id}-${name}.html`;
    options.onProgress?.(file);
    await writeOverlayPage(run, {
      path: join(out, file),
      title: `${title}: ${part}, ${protocol}`,
      part,
      protocol,
      choice: name,
      scenes: images.flatMap(({ image }) => places.get(image) ?? []),
      subjects: scores.map(({ subject }) => subject),
      labels,
      facts: [
        ['asked', summary],
        [
          'sorted by',
          name === 'worst' ? `mean ${headline} of the rows` : `spread of ${headline} over the rows`,
        ],
        [
          'shown',
          `of each image the question that ${name === 'worst' ? 'went worst' : 'the rows differ most on'}`,
        ],
        ['command', run.plan.command],
      ],
    });
    pages.push({ file, title: `${title} (${images.length} images)` });
  }
  const onPage = new Map(
    chosen.flatMap(([name, , images]) => images.map(({ image }) => [image, `${id}-${name}.html`])),
  );
  return {
    id,
    title: `${part}: ${summary}`,
    pages,
    plots: [...answerPlots(scores, labels), ...sizePlot(scores, labels)],
    subjects: scores.map(({ subject }) => labels[subject] ?? ''),
    figures: figureRows(scores),
    headline,
    images: ranked.map(({ image, values }) => ({
      image: run.units.nameOf(part, places.get(image) ?? 0),
      values,
      page: onPage.get(image),
    })),
  };
}

function placesOf(run: OpenRun, part: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (let i = 0; i < (run.images[part] ?? 0); i++) places.set(String(run.units.idOf(part, i)), i);
  return places;
}

function figureRows(scores: readonly SubjectScores[]): ReportSection['figures'] {
  const names = [...new Set(scores.flatMap(({ figures }) => Object.keys(figures)))];
  return names.map((name) => [name, scores.map(({ figures }) => figures[name]?.value ?? null)]);
}

function failureLines(run: OpenRun): readonly string[] {
  const lines = Object.entries(run.remarks).flatMap(([part, { skipped, reasons }]) => [
    ...(skipped === 0 ? [] : [`${part}: ${skipped} records of the data set were left out`]),
    ...reasons.map((reason) => `${part}: ${reason}`),
  ]);
  for (const part of run.units.parts)
    for (let i = 0; i < (run.images[part] ?? 0); i++)
      for (const { key, subject, protocol } of run.units.ofScene(part, i)) {
        const error = run.results.failure(key);
        if (error !== undefined)
          lines.push(
            `${part}, ${run.units.nameOf(part, i)}, ${run.plan.subjects[subject]?.recipe ?? ''}, ${protocol}: ${error.code}: ${error.message}`,
          );
      }
  return lines;
}

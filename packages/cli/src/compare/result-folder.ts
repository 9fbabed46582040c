import { existsSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ImageFrame, Outcome, Prediction, SegmentRequest } from '@maskloom/core';
import { createNamer, safeName, type MaskForm } from '@maskloom/data';
import { openReport, paintMap, paintOverlay, type ReportHead, type ReportWriter } from '@maskloom/report';
import { jsonPieces } from '../output/json-pieces.js';
import { resultsOfRuns } from '../output/mask-results.js';
import type { PredictionFailure, PredictionRun, Predictions } from '../output/predictions.js';
import { UsedDescriptions } from '../output/used-descriptions.js';
import { stageFolder, type StagedFolder } from '../output/staged-folder.js';
import { writeMasks } from '../output/write-masks.js';
import { writing } from '../output/writing.js';
import { Journal, type JournalEntry } from './journal.js';
import type { CompareOptions } from './options.js';
import type { CompareFailure } from '../output/compare-failure.js';
import type { ComparedImage } from './compared-image.js';
import { given } from '../given.js';

const PREDICTIONS = 'predictions.json';
const REPORT = 'report.html';
const DESCRIPTIONS = 'descriptions.json';
const OVERLAYS = 'overlays';
const MAPS = 'maps';
const JOURNAL = '.journal.jsonl';

/** The content of a file of predictions. */
function* jsonFile(predictions: Predictions): Generator<string> {
  yield* jsonPieces(predictions, 1);
  yield '\n';
}

/** One image with every recipe's outcome. */
export interface ComparedRow {
  readonly image: ComparedImage;
  readonly frame: ImageFrame;
  readonly request: SegmentRequest;
  readonly outcomes: readonly Outcome[];
}

/** What a comparison's results depend on: one that is gone on with must have the same. */
export interface RunKeys {
  readonly run: string;
  /** Of the images, in order. */
  readonly images: readonly string[];
}

/** The folder that a comparison writes. */
export class ResultFolder {
  readonly #staged: StagedFolder;
  readonly #nameOf = createNamer();
  readonly #descriptions = new UsedDescriptions();
  readonly #save: readonly MaskForm[];
  readonly #pictures: CompareOptions['pictures'];
  #report: ReportWriter | undefined;
  #journal: Journal | undefined;
  #done = 0;
  /** Classes of the report that the journal holds. */
  #noted = 0;
  #written = '';

  /**
   * Reserves the folder.
   * @throws MaskloomError OUTPUT_UNWRITABLE
   */
  constructor(
    readonly out: string,
    { save = [], pictures = 'none', resume, onWarning }: CompareOptions,
    signal: AbortSignal,
  ) {
    this.#save = save;
    this.#pictures = pictures;
    const keeping = {
      resume: resume === true,
      worth: () => this.#done > 0 && signal.aborted,
      onFound: () => {
        if (resume !== true)
          onWarning?.(`What an interrupted run left of ${out} was thrown away; --resume goes on with it.`);
      },
    };
    const reserved = [PREDICTIONS, REPORT, DESCRIPTIONS, OVERLAYS, MAPS, ...save];
    this.#staged = stageFolder(out, reserved, resume === undefined ? undefined : keeping);
  }

  /** Where the report will be. */
  get reportPath(): string {
    return join(this.out, REPORT);
  }

  /** Images done that stay when the run is interrupted. */
  get kept(): number {
    return this.#journal === undefined ? 0 : this.#done;
  }

  /**
   * Starts the report.
   * @param keys - with them what is done is kept, and what an interrupted run left is gone on with
   * @returns the images that are done already
   */
  begin(head: ReportHead, keys: RunKeys | undefined): Promise<readonly JournalEntry[]> {
    return writing(this.out, async () => {
      const page = this.#at(REPORT);
      if (keys !== undefined) {
        const size = existsSync(`${page}.rows`) ? statSync(`${page}.rows`).size : -1;
        const whole = (entry: JournalEntry): boolean => entry.report.bytes <= size;
        this.#journal = Journal.open(this.#at(JOURNAL), keys.run, keys.images, whole);
      }
      const entries = this.#journal?.entries ?? [];
      const last = entries.at(-1)?.report;
      const classes = entries.flatMap(({ report }) => report.classes);
      this.#report = await openReport(page, head, last && { ...last, classes });
      this.#noted = classes.length;
      this.#done = entries.length;
      for (const { runs, descriptions } of entries) {
        const path = runs[0]?.image.path;
        if (path !== undefined) this.#nameOf(path);
        if (descriptions !== undefined) this.#descriptions.load(descriptions);
      }
      return entries;
    });
  }

  /** Adds one image: a row of the report and, where asked for, an overlay per recipe and the similarity maps. */
  addRow(row: ComparedRow): Promise<void> {
    return writing(this.out, () => this.#addRow(row));
  }

  /** Adds an image that could not be read. */
  addFailure({ path, error }: CompareFailure): Promise<void> {
    return writing(this.out, async () =>
      this.#report?.addFailure(basename(path), { code: error.code, message: error.message }),
    );
  }

  /** Notes that an image is done, whatever came of it. */
  finishImage(
    key: string,
    runs: readonly PredictionRun[],
    failures: readonly PredictionFailure[],
  ): Promise<void> {
    return writing(this.out, async () => {
      if (this.#journal === undefined || this.#report === undefined) return;
      const mark = await this.#report.mark();
      const text = this.#descriptions.empty ? '' : this.#descriptions.toJson();
      this.#journal.add({
        key,
        runs,
        failures,
        report: { ...mark, classes: mark.classes.slice(this.#noted) },
        ...(text === this.#written ? {} : { descriptions: text }),
      });
      this.#written = text;
      this.#noted = mark.classes.length;
      this.#done++;
    });
  }

  /** Writes what is left and puts the folder in place. */
  commit(predictions: Predictions, signal: AbortSignal): Promise<void> {
    return writing(this.out, async () => {
      await writeFile(this.#at(PREDICTIONS), jsonFile(predictions));
      if (!this.#descriptions.empty) await writeFile(this.#at(DESCRIPTIONS), this.#descriptions.toJson());
      const results = resultsOfRuns(predictions.runs);
      await writeMasks(this.#staged.path, results, this.#save, { folder: this.out }, signal);
      await this.#report?.finish();
      this.#journal?.close();
      await rm(this.#at(JOURNAL), { force: true });
      await this.#staged.commit();
    });
  }

  /** Gives up: nothing appears. What is done stays aside when the run was interrupted and can be gone on with. */
  async discard(interrupted: boolean): Promise<void> {
    // What cannot be closed on a full disk is removed all the same.
    await this.#report?.discard(interrupted && this.kept > 0).catch(() => undefined);
    this.#staged.discard();
  }

  #at(name: string): string {
    return join(this.#staged.path, name);
  }

  async #addRow(row: ComparedRow): Promise<void> {
    const { image, frame, request, outcomes } = row;
    // Given whether pictures are written or not: the name of the next image depends on it.
    const folder = outcomes.some(({ ok }) => ok) ? this.#nameOf(image.path) : '';
    await this.#report?.addRow({
      image: frame,
      name: basename(image.path),
      request,
      cells: outcomes.map((outcome) =>
        outcome.ok
          ? { column: outcome.pipeline, prediction: outcome.prediction }
          : { column: outcome.pipeline, error: { code: outcome.error.code, message: outcome.error.message } },
      ),
      ...given({ kind: image.kind, truth: image.truth }),
    });
    for (const outcome of outcomes) {
      if (!outcome.ok) continue;
      this.#descriptions.add(outcome.prediction);
      await this.#paint(frame, outcome.prediction, folder, safeName(outcome.pipeline, 'recipe'));
    }
  }

  async #paint(frame: ImageFrame, prediction: Prediction, folder: string, recipe: string): Promise<void> {
    const format = this.#pictures;
    if (format === undefined || format === 'none') return;
    const classes = this.#report?.classes;
    const overlay = await paintOverlay(frame, prediction.segments, { format, ...(classes && { classes }) });
    await this.#write([OVERLAYS, folder, `${recipe}.${format}`], overlay);
    const maps = prediction.segments.flatMap(({ evidence }) => evidence?.map ?? []);
    if (prediction.evidence?.heat !== undefined) maps.unshift(prediction.evidence.heat);
    for (const [index, map] of maps.entries()) {
      const name = index === 0 ? `${recipe}.${format}` : `${recipe}-${index + 1}.${format}`;
      await this.#write([MAPS, folder, name], await paintMap(frame, map, format));
    }
    const sides = prediction.segments.flatMap(({ evidence }) => evidence?.decoderMap ?? []);
    for (const [index, map] of sides.entries()) {
      const name = index === 0 ? `${recipe}-sam.${format}` : `${recipe}-sam-${index + 1}.${format}`;
      await this.#write([MAPS, folder, name], await paintMap(frame, map, format));
    }
  }

  async #write(path: readonly string[], bytes: Uint8Array): Promise<void> {
    const file = join(this.#staged.path, ...path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

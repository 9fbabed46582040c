import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ImageFrame, Outcome, Prediction, SegmentRequest } from '@maskloom/core';
import { openReport, paintMap, paintOverlay, type ReportHead, type ReportWriter } from '@maskloom/report';
import { createNamer, safeName, type MaskForm } from '@maskloom/data';
import { resultsOfRuns } from '../output/mask-results.js';
import type { Predictions } from '../output/predictions.js';
import { UsedDescriptions } from '../output/used-descriptions.js';
import { stageFolder, type StagedFolder } from '../output/staged-folder.js';
import { writeMasks } from '../output/write-masks.js';
import { writing } from '../output/writing.js';
import type { CompareFailure, ComparedImage } from './options.js';

const PREDICTIONS = 'predictions.json';
const REPORT = 'report.html';
const DESCRIPTIONS = 'descriptions.json';
const OVERLAYS = 'overlays';
const MAPS = 'maps';

/** One image with every recipe's outcome. */
export interface ComparedRow {
  readonly image: ComparedImage;
  readonly frame: ImageFrame;
  readonly request: SegmentRequest;
  readonly outcomes: readonly Outcome[];
}

/** The folder that a comparison writes. */
export class ResultFolder {
  readonly #staged: StagedFolder;
  readonly #nameOf = createNamer();
  readonly #descriptions = new UsedDescriptions();
  #report: ReportWriter | undefined;

  /**
   * Reserves the folder.
   * @throws MaskloomError OUTPUT_UNWRITABLE
   */
  constructor(
    readonly out: string,
    readonly save: readonly MaskForm[] = [],
  ) {
    this.#staged = stageFolder(out, [PREDICTIONS, REPORT, DESCRIPTIONS, OVERLAYS, MAPS, ...save]);
  }

  /** Where the report will be. */
  get reportPath(): string {
    return join(this.out, REPORT);
  }

  /** Starts the report. */
  async begin(head: ReportHead): Promise<void> {
    this.#report = await writing(this.out, () => openReport(join(this.#staged.path, REPORT), head));
  }

  /** Adds one image: a row of the report, an overlay per recipe, and the similarity maps. */
  addRow(row: ComparedRow): Promise<void> {
    return writing(this.out, () => this.#addRow(row));
  }

  /** Adds an image that could not be read. */
  addFailure({ path, error }: CompareFailure): Promise<void> {
    return writing(this.out, async () =>
      this.#report?.addFailure(basename(path), { code: error.code, message: error.message }),
    );
  }

  /** Writes what is left and puts the folder in place. */
  commit(predictions: Predictions, signal: AbortSignal): Promise<void> {
    return writing(this.out, async () => {
      await writeFile(join(this.#staged.path, PREDICTIONS), `${JSON.stringify(predictions, undefined, 1)}\n`);
      if (!this.#descriptions.empty)
        await writeFile(join(this.#staged.path, DESCRIPTIONS), this.#descriptions.toJson());
      await this.#report?.finish();
      const results = resultsOfRuns(predictions.runs);
      await writeMasks(this.#staged.path, results, this.save, { folder: this.out }, signal);
      await this.#staged.commit();
    });
  }

  /** Gives up: nothing appears. */
  async discard(): Promise<void> {
    // What cannot be closed on a full disk is removed all the same.
    await this.#report?.discard().catch(() => undefined);
    this.#staged.discard();
  }

  async #addRow(row: ComparedRow): Promise<void> {
    const { image, frame, request, outcomes } = row;
    const folder = this.#nameOf(image.path);
    for (const outcome of outcomes) {
      if (!outcome.ok) continue;
      this.#descriptions.add(outcome.prediction);
      await this.#paint(frame, outcome.prediction, folder, safeName(outcome.pipeline, 'recipe'));
    }
    await this.#report?.addRow({
      image: frame,
      name: basename(image.path),
      request,
      cells: outcomes.map((outcome) =>
        outcome.ok
          ? { column: outcome.pipeline, prediction: outcome.prediction }
          : { column: outcome.pipeline, error: { code: outcome.error.code, message: outcome.error.message } },
      ),
      ...(image.kind === undefined ? {} : { kind: image.kind }),
      ...(image.truth === undefined ? {} : { truth: image.truth }),
    });
  }

  async #paint(frame: ImageFrame, prediction: Prediction, folder: string, recipe: string): Promise<void> {
    await this.#write([OVERLAYS, folder, `${recipe}.png`], await paintOverlay(frame, prediction.segments));
    const maps = prediction.segments.flatMap(({ evidence }) => evidence?.map ?? []);
    if (prediction.evidence?.heat !== undefined) maps.unshift(prediction.evidence.heat);
    for (const [index, map] of maps.entries()) {
      const name = index === 0 ? `${recipe}.png` : `${recipe}-${index + 1}.png`;
      await this.#write([MAPS, folder, name], await paintMap(frame, map));
    }
  }

  async #write(path: readonly string[], bytes: Uint8Array): Promise<void> {
    const file = join(this.#staged.path, ...path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

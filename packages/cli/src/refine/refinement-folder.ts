import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ConversationRecord, ImageFrame, Prediction } from '@maskloom/core';
import type { MaskForm } from '@maskloom/data';
import { openReport, paintOverlay, refinementReport } from '@maskloom/report';
import { resultsOfSteps } from '../output/mask-results.js';
import { stageFolder, type StagedFolder } from '../output/staged-folder.js';
import { writeMasks } from '../output/write-masks.js';
import { writing } from '../output/writing.js';

const CONVERSATION = 'conversation.json';
const REPORT = 'report.html';
const OVERLAYS = 'overlays';

/** What a refinement leaves behind. */
export interface RefinementOutput {
  readonly image: ImageFrame;
  /** The image's path as given. */
  readonly path: string;
  readonly record: ConversationRecord;
  readonly steps: readonly Prediction[];
  /** Shown under the title: name and value. */
  readonly facts: readonly (readonly [string, string])[];
}

/** The folder that `maskloom refine` writes: whole or not at all. */
export class RefinementFolder {
  readonly #staged: StagedFolder;

  /**
   * Reserves the folder.
   * @throws MaskloomError OUTPUT_UNWRITABLE
   */
  constructor(
    readonly out: string,
    readonly save: readonly MaskForm[] = [],
  ) {
    this.#staged = stageFolder(out, [CONVERSATION, REPORT, OVERLAYS, ...save]);
  }

  /** Where the report will be. */
  get reportPath(): string {
    return join(this.out, REPORT);
  }

  /** Writes the conversation, the report with each step beside the one before, and an overlay per step. */
  commit({ image, path, record, steps, facts }: RefinementOutput): Promise<void> {
    return writing(this.out, async () => {
      const at = (name: string): string => join(this.#staged.path, name);
      await writeFile(at(CONVERSATION), `${JSON.stringify(record, undefined, 1)}\n`);
      const { head, row } = refinementReport({
        title: `Maskloom: ${basename(path)} refined in ${steps.length - 1} ${steps.length === 2 ? 'turn' : 'turns'}`,
        image,
        name: basename(path),
        steps: steps.map((prediction) => ({ prediction })),
        facts,
      });
      const report = await openReport(at(REPORT), head);
      await report.addRow(row);
      await report.finish();
      await mkdir(at(OVERLAYS));
      for (const [i, { segments }] of steps.entries())
        await writeFile(at(join(OVERLAYS, `step-${i}.png`)), await paintOverlay(image, segments));
      await writeMasks(this.#staged.path, resultsOfSteps(path, image, steps), this.save, {
        folder: this.out,
      });
      await this.#staged.commit();
    });
  }

  /** Gives up: nothing appears. */
  discard(): void {
    this.#staged.discard();
  }
}

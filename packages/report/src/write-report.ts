import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { inlineAssets } from './inline.js';
import type { ReportCell, ReportHead, ReportRow } from './model.js';
import { changesFrame } from './changes.js';
import { embedPicture, type Picture } from './picture.js';
import { evidenceOf } from './row-data.js';
import { renderPage } from './template/page.js';
import { renderFailedRow, renderRow } from './template/row.js';
import { countCell, emptyTotals, type ColumnTotals } from './totals.js';

/** Longest side of a picture of what a turn changed, in pixels. */
const CHANGES_LIMIT = 512;

/** A report being written, one row at a time; rows wait in a file, not in memory. */
export interface ReportWriter {
  /** Totals so far, by column id. */
  readonly totals: ReadonlyMap<string, Readonly<ColumnTotals>>;
  /** Adds one image. Rows appear in the order they are added. */
  addRow(row: ReportRow): Promise<void>;
  /** Adds an image that could not be read, with the reason. */
  addFailure(name: string, error: { readonly code: string; readonly message: string }): Promise<void>;
  /** Writes the page and removes the waiting rows. */
  finish(): Promise<void>;
  /** Gives up: removes the waiting rows; no page appears. Harmless after `finish`. */
  discard(): Promise<void>;
}

/**
 * Starts a self-contained report page.
 * @param path - the file to write; `path.rows` beside it is used until `finish`
 * @param head - title, columns and facts
 */
export async function openReport(path: string, head: ReportHead): Promise<ReportWriter> {
  const rowsPath = `${path}.rows`;
  const rows = await open(rowsPath, 'w');
  const totals = new Map(head.columns.map((column) => [column.id, emptyTotals()]));
  const seen = { points: false, maps: false, slots: new Set<string>() };
  let closed = false;
  const discard = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await rows.close();
    await rm(rowsPath, { force: true });
  };
  return {
    totals,
    async addRow(row) {
      const changed = new Map<ReportCell, Picture>();
      for (const cell of row.cells)
        if (cell.changes !== undefined)
          changed.set(cell, await embedPicture(changesFrame(row.image, cell.changes), CHANGES_LIMIT));
      const { html, agreed } = renderRow(row, head, await embedPicture(row.image), changed);
      for (const cell of row.cells) {
        const column = totals.get(cell.column);
        if (column !== undefined) countCell(column, cell, row.truth, agreed.get(cell));
        const has = evidenceOf(cell.prediction);
        for (const stage of cell.prediction?.stages ?? []) seen.slots.add(stage.slot);
        seen.points ||= has.points;
        seen.maps ||= has.map;
      }
      await rows.writeFile(html.text);
    },
    async addFailure(name, error) {
      await rows.writeFile(renderFailedRow(name, error, head).text);
    },
    async finish() {
      const page = renderPage(
        head,
        totals,
        seen,
        await inlineAssets(head.columns.length + (head.truth ? 1 : 0)),
      );
      const file = await open(path, 'w');
      try {
        await file.writeFile(page.before.text);
        await append(rowsPath, file);
        await file.writeFile(page.after.text);
      } finally {
        await file.close();
        await discard();
      }
    },
    discard,
  };
}

async function append(path: string, file: FileHandle): Promise<void> {
  await pipeline(createReadStream(path, 'utf8'), async (chunks) => {
    for await (const chunk of chunks) await file.writeFile(chunk as string);
  });
}

import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ClassColours } from './class-colours.js';
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

/** How far a report is, as JSON holds it: enough to go on with its waiting rows in another process. */
export interface ReportMark {
  /** Bytes of the rows so far. */
  readonly bytes: number;
  /** Totals so far, by column id. */
  readonly totals: Readonly<Record<string, Readonly<ColumnTotals>>>;
  /** What the rows turned out to hold. */
  readonly seen: {
    /** Points. */
    readonly points: boolean;
    /** Maps. */
    readonly maps: boolean;
    /** Slots whose time was taken. */
    readonly slots: readonly string[];
  };
  /** The classes that have a colour, in their order. */
  readonly classes: readonly string[];
}

/** A report being written, one row at a time; rows wait in a file, not in memory. */
export interface ReportWriter {
  /** The classes' colours, for pictures beside the page. */
  readonly classes: ClassColours;
  /** How far it is; the rows so far are on the disk. */
  mark(): Promise<ReportMark>;
  /** Totals so far, by column id. */
  readonly totals: ReadonlyMap<string, Readonly<ColumnTotals>>;
  /** Adds one image. Rows appear in the order they are added. */
  addRow(row: ReportRow): Promise<void>;
  /** Adds an image that could not be read, with the reason. */
  addFailure(name: string, error: { readonly code: string; readonly message: string }): Promise<void>;
  /** Writes the page and removes the waiting rows. */
  finish(): Promise<void>;
  /**
   * Gives up; no page appears. Harmless after `finish`.
   * @param keep - true leaves the waiting rows, for a report that goes on from its mark
   */
  discard(keep?: boolean): Promise<void>;
}

/**
 * Starts a self-contained report page.
 * @param path - the file to write; `path.rows` beside it is used until `finish`
 * @param head - title, columns and facts
 * @param from - goes on after these rows, which wait in the file; what follows them there is dropped
 */
export async function openReport(path: string, head: ReportHead, from?: ReportMark): Promise<ReportWriter> {
  const rowsPath = `${path}.rows`;
  const rows = await open(rowsPath, from === undefined ? 'w' : 'r+');
  await rows.truncate(from?.bytes ?? 0);
  let bytes = from?.bytes ?? 0;
  const write = async ({ text }: { readonly text: string }): Promise<void> => {
    const piece = Buffer.from(text);
    await rows.write(piece, 0, piece.length, bytes);
    bytes += piece.length;
  };
  const totals = new Map(
    head.columns.map(({ id }) => [id, { ...emptyTotals(), ...from?.totals[id] } satisfies ColumnTotals]),
  );
  const seen = {
    points: from?.seen.points ?? false,
    maps: from?.seen.maps ?? false,
    slots: new Set(from?.seen.slots),
  };
  const classes = new ClassColours(from?.classes);
  let closed = false;
  const discard = async (keep = false): Promise<void> => {
    if (closed) return;
    closed = true;
    await rows.close();
    if (!keep) await rm(rowsPath, { force: true });
  };
  return {
    totals,
    classes,
    async mark() {
      await rows.datasync();
      const { points, maps, slots } = seen;
      return {
        bytes,
        totals: Object.fromEntries([...totals].map(([id, sum]) => [id, { ...sum }])),
        seen: { points, maps, slots: [...slots] },
        classes: classes.labels,
      };
    },
    async addRow(row) {
      const changed = new Map<ReportCell, Picture>();
      for (const cell of row.cells)
        if (cell.changes !== undefined)
          changed.set(cell, await embedPicture(changesFrame(row.image, cell.changes), CHANGES_LIMIT));
      const { html, agreed } = renderRow(row, head, await embedPicture(row.image), classes, changed);
      for (const cell of row.cells) {
        const column = totals.get(cell.column);
        if (column !== undefined) countCell(column, cell, row.truth, agreed.get(cell));
        const has = evidenceOf(cell.prediction);
        for (const stage of cell.prediction?.stages ?? []) seen.slots.add(stage.slot);
        seen.points ||= has.points;
        seen.maps ||= has.map;
      }
      await write(html);
    },
    async addFailure(name, error) {
      await write(renderFailedRow(name, error, head));
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

import { MaskloomError } from '@maskloom/core';
import { checkDataset, checkFormat, formats, type FormatReport } from '@maskloom/data';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import { dataChoice, type DataFlags } from './data-options.js';
import type { Terminal } from '../terminal/terminal.js';
import { given } from '../given.js';

/** Options of `maskloom data check`. */
export interface CheckFlags extends DataFlags {
  readonly format?: string;
  readonly split?: string;
  readonly splitBy?: string;
  readonly limit: number;
  readonly maxPixels?: number;
}

/** `maskloom data check`: what is wrong with a data set, and what was read. */
export async function checkData(dir: string, flags: CheckFlags, terminal: Terminal): Promise<number> {
  const { ok, counts, problems, notes } = await report(dir, flags, terminal.signal);
  for (const { where, message } of problems) terminal.out(`${where}: ${message}\n`);
  for (const note of notes) terminal.out(`note: ${note}\n`);
  const checked = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  const found = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  terminal.out(`${ok ? 'in order' : found}: ${checked.join(', ') || 'nothing could be read'}\n`);
  return ok ? EXIT.ok : EXIT.failed;
}

async function report(dir: string, flags: CheckFlags, signal: AbortSignal): Promise<FormatReport> {
  const { format, limit, split, splitBy, maxPixels } = flags;
  if (format === undefined && maxPixels !== undefined)
    throw new MaskloomError('OPTION_INVALID', 'A limit of pixels needs the form of the data set.', {
      where: '--max-pixels',
      hint: 'Give --format too; maskloom data formats lists them.',
    });
  if (format === undefined) return { ...(await checkDataset(dir, { signal, limit })), notes: [] };
  return checkFormat(format, dir, {
    signal,
    limit,
    ...dataChoice(flags),
    ...given({ maxPixels, split, splitBy }),
  });
}

/** `maskloom data formats`: what `--format` can be. */
export function listFormats(terminal: Terminal): number {
  const rows = formats().map(({ id, title, splits, layout }) => [id, title, splits.join(', '), layout]);
  terminal.out(formatTable([['format', 'data set', 'splits', 'files'], ...rows]));
  return EXIT.ok;
}

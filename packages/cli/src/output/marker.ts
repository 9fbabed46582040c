import { readFileSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import { z } from 'zod';

/** The file that lists what a comparison wrote into its folder, so that the next one may replace it. */
export const MARKER = '.maskloom.json';

const markerSchema = z.object({ schema: z.literal('maskloom.output/1'), files: z.array(z.string()) });

/** The marker's text for these files. */
export function markerText(files: readonly string[]): string {
  return `${JSON.stringify({ schema: 'maskloom.output/1', files })}\n`;
}

/**
 * Files that an earlier run wrote, relative to the folder; none when it holds no readable marker. Paths that would
 * leave the folder are left out.
 */
export function readMarker(folder: string): Set<string> {
  try {
    const { files } = markerSchema.parse(JSON.parse(readFileSync(join(folder, MARKER), 'utf8')));
    return new Set(
      files.filter((file) => !normalize(file).startsWith('..') && !normalize(file).startsWith(sep)),
    );
  } catch {
    return new Set();
  }
}

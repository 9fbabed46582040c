import type { PatchEvidence, PredictionEvidence, ScoreMap, Segment } from '@maskloom/core';
import { markup, type Html } from '../html.js';
import { MAP_LIMIT } from '../map-data.js';
import { mapThumbnail } from '../map-thumbnail.js';

/** Cells of the drawing per patch. */
const CELL = 6;

/** Patches listed by name; the rest is counted. */
const LISTED = 12;

/**
 * What a patch-wise system saw: objectness as a heat map over its patches, the patches that fired, and which of them
 * became which segment. Nothing for systems without patches.
 */
export function renderPatches(evidence: PredictionEvidence | undefined, segments: readonly Segment[]): Html {
  const { heat, patches = [] } = evidence ?? {};
  if (heat === undefined) return markup``;
  const named = segments.flatMap(({ label, evidence: own }) =>
    own?.patch === undefined ? [] : [{ label, patch: own.patch }],
  );
  const { low, high } = rangeOf(heat);
  const fired = `${patches.length} ${patches.length === 1 ? 'patch' : 'patches'} fired`;
  return markup`<details class="patches">
    <summary>objectness: ${fired}, ${named.length} became ${named.length === 1 ? 'a segment' : 'segments'}</summary>
    ${renderHeat(heat, patches, named)}
    <p class="note">dark ${low.toFixed(2)} to bright ${high.toFixed(2)}; outlined: fired; white: became a segment</p>
    ${renderList(named)}
  </details>`;
}

interface NamedPatch {
  readonly label: string;
  readonly patch: PatchEvidence;
}

function renderHeat(heat: ScoreMap, patches: readonly PatchEvidence[], named: readonly NamedPatch[]): Html {
  const [rows, columns] = [Math.min(heat.rows, MAP_LIMIT), Math.min(heat.columns, MAP_LIMIT)];
  // A map that was thinned for the page has no place for single patches.
  const exact = rows === heat.rows && columns === heat.columns;
  const outline = (patch: PatchEvidence, kind: string, title: string): Html =>
    markup`<rect class="${kind}" x="${patch.column * CELL + 0.5}" y="${patch.row * CELL + 0.5}" width="${CELL - 1}" height="${CELL - 1}"><title>${title}</title></rect>`;
  const marks = exact
    ? [
        ...patches.map((patch) => outline(patch, 'fired', describe(patch))),
        ...named.map(({ label, patch }) => outline(patch, 'named', `${label}: ${describe(patch)}`)),
      ]
    : [];
  return markup`<svg class="heat" viewBox="0 0 ${columns * CELL} ${rows * CELL}" role="img" aria-label="objectness of every patch"><image href="${mapThumbnail(heat)}" width="${columns * CELL}" height="${rows * CELL}" />${marks}</svg>`;
}

function renderList(named: readonly NamedPatch[]): Html {
  if (named.length === 0) return markup``;
  const items = named
    .slice(0, LISTED)
    .map(({ label, patch }) => markup`<li>${label}: ${describe(patch)}</li>`);
  const rest = named.length > LISTED && markup`<li>and ${named.length - LISTED} more</li>`;
  return markup`<ul class="fired-list">
    ${items}${rest}
  </ul>`;
}

function describe({ row, column, objectness, role }: PatchEvidence): string {
  const as = role === undefined ? '' : ` (${role})`;
  return `row ${row + 1}, column ${column + 1}${as}, ${objectness.toFixed(2)}`;
}

function rangeOf({ values }: ScoreMap): { readonly low: number; readonly high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return values.length === 0 ? { low: 0, high: 0 } : { low, high };
}

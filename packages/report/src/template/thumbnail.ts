import type { ScoreMap } from '@maskloom/core';
import { markup, type Html } from '../html.js';
import { mapThumbnail } from '../map-thumbnail.js';

/** A score map as a small picture that says what it shows and between which scores. */
export function renderMap(map: ScoreMap, what: string): Html {
  let [low, high] = [Infinity, -Infinity];
  for (const value of map.values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const [, , width, height] = map.covers;
  const title = `${what}: ${low.toFixed(3)} (dark) to ${high.toFixed(3)} (bright)`;
  const shown = Math.min(96, Math.round((72 * width) / height));
  return markup`<img class="thumbnail" src="${mapThumbnail(map)}" width="${shown}" height="72" alt="${title}" title="${title}" />`;
}

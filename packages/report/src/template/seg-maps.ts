import type { Segment } from '@maskloom/core';
import { markup, type Html } from '../html.js';
import { renderMap } from './thumbnail.js';

/**
 * Where `<SEG>` looks, on both sides of a system (READ, figure 1): its similarity with the image tokens of the language
 * model, and with those of SAM's mask decoder. Nothing where the decoder's map was not asked for.
 */
export function renderSegMaps(segments: readonly Segment[]): Html {
  const items = segments.flatMap(({ label, evidence: { map, decoderMap } = {} }) =>
    decoderMap === undefined
      ? []
      : [
          markup`<li>
            ${map !== undefined && renderMap(map, `${label}, language model`)}${renderMap(decoderMap, `${label}, SAM`)}
            <p><span class="label">${label}</span>: ${map !== undefined && 'language model left, '}SAM${map !== undefined && ' right'}</p>
          </li>`,
        ],
  );
  if (items.length === 0) return markup``;
  return markup`<details class="seg-maps" open>
    <summary>where &lt;SEG&gt; looks</summary>
    <ul>
      ${items}
    </ul>
  </details>`;
}

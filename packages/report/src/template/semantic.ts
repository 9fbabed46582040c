import type { ClassEvidence, FusionEvidence, Segment, SemanticEvidence } from '@maskloom/core';
import { markup, type Html } from '../html.js';
import { renderMap } from './thumbnail.js';

/** Classes listed; thousands would make the page unreadable. */
const MOST_CLASSES = 60;

/**
 * What stands behind a semantic result: the learned weight, and for each class its colour, share, cost map and the
 * description that it was looked for by.
 * @param evidence - none for other systems
 * @param segments - with their palette indices, for the colours
 */
export function renderSemantic(
  evidence: SemanticEvidence | undefined,
  segments: readonly Segment[],
  colours: readonly number[],
): Html {
  if (evidence === undefined) return markup``;
  const colourOf = new Map(segments.map(({ label }, i) => [label, colours[i] ?? 0]));
  const listed = [...evidence.classes].sort((a, b) => b.share - a.share).slice(0, MOST_CLASSES);
  const left = evidence.classes.length - listed.length;
  return markup`<details class="classes">
    <summary>
      ${evidence.classes.length} ${evidence.classes.length === 1 ? 'class' : 'classes'} in ${evidence.views}
      ${evidence.views === 1 ? 'view' : 'views'}${evidence.fusion !== undefined && markup`, CLIP weight ${evidence.fusion.mean.toFixed(2)}`}
    </summary>
    ${evidence.fusion !== undefined && renderFusion(evidence.fusion)}
    <ul>
      ${listed.map((one) => renderClass(one, colourOf.get(one.label)))}
    </ul>
    ${left > 0 && markup`<p class="rest">and ${left} more, none of them here</p>`}
  </details>`;
}

function renderFusion({ kind, mean, lowest, highest, map }: FusionEvidence): Html {
  const range =
    kind === 'scalar'
      ? ''
      : ` per ${kind === 'position' ? 'cell' : 'channel'}, ${lowest.toFixed(2)} to ${highest.toFixed(2)}`;
  return markup`<p class="fusion">
    learned weight of the CLIP features: ${mean.toFixed(3)}${range}${map !== undefined && renderMap(map, 'learned weight')}
  </p>`;
}

function renderClass({ label, descriptions, share, cost }: ClassEvidence, colour: number | undefined): Html {
  const swatch =
    colour === undefined
      ? markup`<i class="swatch none"></i>`
      : markup`<i class="swatch colour-${colour % 8}"></i>`;
  const found = share === 0 ? 'not here' : `${(100 * share).toFixed(1)} %`;
  return markup`<li>
    ${cost !== undefined && renderMap(cost, `cost of ${label}`)}
    <p>
      ${swatch}<span class="label">${label}</span> <span class="score">${found}</span>
    </p>
    ${descriptions.map((sentence) => markup`<p class="description">${sentence}</p>`)}
  </li>`;
}

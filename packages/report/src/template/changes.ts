import { CHANGE_COLOURS, type TurnChanges } from '../changes.js';
import { markup, type Html } from '../html.js';
import type { Picture } from '../picture.js';

/** What a turn of a refinement added and removed: how many pixels, and which. */
export function renderChanges(changes: TurnChanges | undefined, picture: Picture | undefined): Html {
  if (changes === undefined) return markup``;
  const { addedPixels, removedPixels } = changes;
  const none = addedPixels + removedPixels === 0;
  const swatch = (kind: keyof typeof CHANGE_COLOURS): Html =>
    markup`<i class="swatch colour-${CHANGE_COLOURS[kind]}"></i>`;
  return markup`<figure class="changes">
    ${!none && picture !== undefined && markup`<img src="${picture.uri}" width="${picture.width}" height="${picture.height}" alt="${addedPixels} pixels added, ${removedPixels} removed" />`}
    <figcaption>
      ${none ? 'no pixel changed' : markup`${swatch('added')}${addedPixels} pixels added · ${swatch('removed')}${removedPixels} removed`}
    </figcaption>
  </figure>`;
}

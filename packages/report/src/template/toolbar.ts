import { markup, type Html } from '../html.js';

/** Which switches a page needs. */
export interface ToolbarParts {
  readonly points: boolean;
  readonly maps: boolean;
  readonly truth: boolean;
}

/** The switches that act on every row. */
export function renderToolbar(parts: ToolbarParts): Html {
  const box = (id: string, label: string, checked: boolean): Html =>
    markup`<label><input type="checkbox" id="${id}" ${checked && markup` checked`} /> ${label}</label>`;
  return markup`<div class="toolbar" role="toolbar" aria-label="What the pictures show">
    <label
      >masks
      <input
        type="range"
        id="opacity"
        min="0"
        max="100"
        value="45"
        aria-label="opacity of the masks" /></label
    >${box('outlines', 'outlines', true)}${box('dim', 'dim the rest', false)}${parts.maps && box('maps', 'similarity or objectness map', false)}${parts.points && box('points', 'points', false)}${parts.points && markup`<span class="key-points"><i class="point positive">+</i>positive <i class="point negative">−</i>negative <i class="point neutral"></i>neutral</span>`}${parts.truth && box('truth', 'truth outline', false)}<label
      >size
      <select id="cell-size">
        <option value="fit">fit</option>
        <option value="small">small</option>
        <option value="large">large</option>
      </select></label
    ><label
      >label
      <input
        type="search"
        id="filter-label"
        size="10"
        placeholder="any"
        aria-label="show masks whose label contains" /></label
    ><label
      >score at least
      <input
        type="range"
        id="filter-score"
        min="0"
        max="100"
        value="0"
        aria-label="least score of the masks shown" /><span id="filter-shown">0.00</span></label
    ><label
      >order
      <select id="order">
        <option value="given">as given</option>
        <option value="agreement">least agreement first</option>
      </select></label
    ><span class="help"
      >Click a picture, then wheel or <kbd>+</kbd> <kbd>−</kbd> to zoom, drag or arrows to pan,
      <kbd>0</kbd> to fit: the row moves together.</span
    >
  </div>`;
}

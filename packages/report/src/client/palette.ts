/**
 * Segment colours: Paul Tol's bright scheme with orange, then those of his muted and light schemes. The first eight are distinct
 * to colour-blind readers.
 */
export const SEGMENT_COLOURS: readonly string[] = [
  '#ee6677',
  '#4477aa',
  '#ccbb44',
  '#66ccee',
  '#aa3377',
  '#228833',
  '#ee7733',
  '#bbbbbb',
  '#332288',
  '#88ccee',
  '#44aa99',
  '#117733',
  '#999933',
  '#ddcc77',
  '#cc6677',
  '#882255',
  '#aa4499',
  '#77aadd',
  '#ffaabb',
  '#aaaa00',
];

/**
 * The colour of a segment; colours repeat after the last.
 * @param index - 0 and up
 */
export function segmentColour(index: number): string {
  return SEGMENT_COLOURS[index % SEGMENT_COLOURS.length] ?? '#ee6677';
}

/** Nine stops of matplotlib's viridis: even in lightness, readable without colour. */
const VIRIDIS: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/**
 * The colour of a map value.
 * @param value - 0..1
 * @returns red, green and blue, 0..255
 */
export function mapColour(value: number): readonly [number, number, number] {
  const at = Math.min(1, Math.max(0, value)) * (VIRIDIS.length - 1);
  const low = VIRIDIS[Math.floor(at)] ?? [0, 0, 0];
  const high = VIRIDIS[Math.min(VIRIDIS.length - 1, Math.floor(at) + 1)] ?? low;
  const t = at - Math.floor(at);
  return [low[0] + (high[0] - low[0]) * t, low[1] + (high[1] - low[1]) * t, low[2] + (high[2] - low[2]) * t];
}

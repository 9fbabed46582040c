/**
 * The colour table of PASCAL VOC's label pictures: bits of the index spread over the channels, so that small numbers differ
 * most (VOCdevkit, VOClabelcolormap.m).
 * @param index - 0..255; 0 is black
 * @returns red, green and blue, 0..255
 */
export function labelColour(index: number): readonly [number, number, number] {
  const channel = (first: number): number => {
    let value = 0;
    for (let bit = 0, rest = index >> first; bit < 8; bit++, rest >>= 3) value |= (rest & 1) << (7 - bit);
    return value;
  };
  return [channel(0), channel(1), channel(2)];
}

/** As `#rrggbb`. */
export function hexColour(index: number): string {
  return `#${labelColour(index)
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

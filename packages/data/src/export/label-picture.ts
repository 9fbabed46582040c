import { crc32 } from 'node:zlib';
import { decodeMask, type RleMask } from '@maskloom/core';
import { encodePng } from '@maskloom/runtime';
import { hexColour, labelColour } from './colours.js';
import { checkSizes, type ExportImage } from './results.js';

/** What the values of a label picture mean. */
export interface LabelLegend {
  /** The image. */
  readonly path: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** An entry per mask; the value 0 is no mask. */
  readonly segments: readonly {
    /** Of its pixels. */
    readonly value: number;
    /** Its class or name. */
    readonly label: string;
    /** Confidence. */
    readonly score: number;
    /** `#rrggbb` in the picture's colour table. */
    readonly colour: string;
    /** Of its own mask, pixels. */
    readonly area: number;
    /** Of those, pixels that a mask above it covers. */
    readonly hidden: number;
  }[];
}

/** Most masks that one picture of 8 bits holds. */
export const LABEL_PICTURE_LIMIT = 255;

/** A mask as a PNG of 8-bit grey, 255 where it is set, else 0. */
export async function maskPicture(mask: RleMask): Promise<Uint8Array> {
  const { pixels, width, height } = decodeMask(mask);
  return encodePng(
    pixels.map((bit) => 255 * bit),
    { width, height },
  );
}

/**
 * All masks of an image in one PNG with a colour table (PASCAL VOC's): the value of a pixel is the place of its mask, counted
 * from 1. Where masks overlap the one of the highest score is on top, among equals the first.
 * @throws RangeError for more than {@link LABEL_PICTURE_LIMIT} masks; MaskloomError `MASK_INVALID`
 */
export async function labelPicture(image: ExportImage): Promise<{
  /** The file. */
  readonly png: Uint8Array;
  /** What its values mean. */
  readonly legend: LabelLegend;
}> {
  checkSizes(image);
  const { path, width, height, segments } = image;
  if (segments.length > LABEL_PICTURE_LIMIT)
    throw new RangeError(`${segments.length} masks do not fit into one picture of 8 bits`);
  const values = new Uint8Array(width * height);
  const order = segments.map((_, i) => i).sort((a, b) => score(b) - score(a) || a - b);
  function score(i: number): number {
    return segments[i]?.score ?? 0;
  }
  const areas = segments.map(() => ({ area: 0, hidden: 0 }));
  for (const i of order) {
    const mask = segments[i]?.mask as RleMask;
    const sum = areas[i] as { area: number; hidden: number };
    decodeMask(mask).pixels.forEach((bit, at) => {
      if (bit === 0) return;
      sum.area++;
      if (values[at] === 0) values[at] = i + 1;
      else sum.hidden++;
    });
  }
  const grey = await encodePng(values, { width, height });
  return {
    png: withPalette(grey, segments.length + 1),
    legend: {
      path,
      width,
      height,
      segments: segments.map((segment, i) => ({
        value: i + 1,
        label: segment.label,
        score: segment.score,
        colour: hexColour(i + 1),
        ...(areas[i] as { area: number; hidden: number }),
      })),
    },
  };
}

/** Bytes of a PNG before its second chunk: the signature and the header with its 13 bytes. */
const HEADER_END = 8 + 12 + 13;
/** Where the header says what the samples are. */
const COLOUR_TYPE = 8 + 8 + 9;
const INDEXED = 3;

/** A PNG of 8-bit grey as one of 8-bit places in a colour table: the samples stay as they are. */
function withPalette(grey: Uint8Array, entries: number): Uint8Array {
  const head = Buffer.from(grey.subarray(0, HEADER_END));
  head[COLOUR_TYPE] = INDEXED;
  head.writeUInt32BE(crc32(head.subarray(12, HEADER_END - 4)), HEADER_END - 4);
  const palette = Buffer.alloc(12 + 3 * entries);
  palette.writeUInt32BE(3 * entries, 0);
  palette.write('PLTE', 4, 'latin1');
  for (let i = 0; i < entries; i++) palette.set(labelColour(i), 8 + 3 * i);
  palette.writeUInt32BE(crc32(palette.subarray(4, 8 + 3 * entries)), 8 + 3 * entries);
  return Buffer.concat([head, palette, grey.subarray(HEADER_END)]);
}

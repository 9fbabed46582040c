/** What the report page holds about one image, as JSON beside the row's markup. */
export interface RowData {
  /** Height and width of the original image in pixels; masks, points and maps are in this frame. */
  readonly size: readonly [number, number];
  /** One entry per cell with a picture, in the order of the row's `.cell` elements. */
  readonly cells: readonly CellData[];
}

/** What is painted in one cell. */
export interface CellData {
  /** In the order in which they are painted. */
  readonly segments: readonly SegmentData[];
}

/** One mask and what led to it. */
export interface SegmentData {
  /** Index into the palette. */
  readonly colour: number;
  /** Its name, or the phrase it answers. */
  readonly label: string;
  /** Confidence 0..1; 1 for the truth. */
  readonly score: number;
  /** COCO compressed counts over `RowData.size`. */
  readonly counts: string;
  /** The points that it was prompted with. */
  readonly points?: PointsData;
  /** The map that the points were chosen on. */
  readonly map?: MapData;
}

/** Prompt points: interleaved x, y of the image and a label each (1 positive, 0 negative, -1 neutral). */
export interface PointsData {
  /** x, y of the image, interleaved; length 2 P. */
  readonly xy: readonly number[];
  /** Length P. */
  readonly labels: readonly number[];
}

/** A score map scaled to 0..255 between its minimum and maximum. */
export interface MapData {
  /** Cells from top to bottom. */
  readonly rows: number;
  /** Cells from left to right. */
  readonly columns: number;
  /** The part of the image it covers: x, y, width, height. */
  readonly covers: readonly [number, number, number, number];
  /** Base64 of rows * columns bytes, row-major. */
  readonly bytes: string;
}

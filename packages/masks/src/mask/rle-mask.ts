/** One mask as COCO run-length encoding (column-major runs, zeros first), compressed string form. */
export interface RleMask {
  /** [height, width] in ImagePx. */
  readonly size: readonly [number, number];
  /** COCO compressed counts. */
  readonly counts: string;
}

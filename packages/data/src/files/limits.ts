/** Largest picture that is decoded, in pixels; a header that claims more is taken for damage. */
export const MAX_PICTURE_PIXELS = 100_000_000;

/** Largest file that is read in one piece (pickles, single records), in bytes. */
export const MAX_FILE_BYTES = 1 << 29;

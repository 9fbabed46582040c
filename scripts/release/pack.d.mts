/** A tarball as it is published. */
export interface Packed {
  readonly name: string;
  readonly version: string;
  /** Path of the file. */
  readonly tarball: string;
  readonly bytes: number;
  /** Paths in the package. */
  readonly files: readonly string[];
}

/** Packs everything that is published into an empty folder; sources must be compiled. */
export function packAll(out: string, platforms?: readonly string[]): Promise<readonly Packed[]>;

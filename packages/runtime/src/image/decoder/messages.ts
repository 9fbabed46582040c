/** What a decoder is asked for. Followed on the wire by `bytes` bytes of the encoded file. */
export interface DecodeRequest {
  /** `header`: size and form, nothing decoded; `rgb`: sRGB pixels as stages take them; `samples`: values as stored. */
  readonly task: 'header' | 'rgb' | 'samples';
  /** Leave the pixels as they are stored: the EXIF orientation is not applied. */
  readonly asStored?: boolean;
  /** Length of the encoded file that follows; 0 with `path`. */
  readonly bytes: number;
  /** The file to read instead. */
  readonly path?: string;
  /** Largest width * height that is decoded. */
  readonly maxPixels: number;
  /** Resident memory that the decoder's process may take, in bytes. */
  readonly maxMemory: number;
}

/** Size and form of a picture, from its header. */
export interface ImageHeader {
  /** Pixels per row as stored, before the EXIF orientation is applied. */
  readonly width: number;
  /** Rows as stored, before the EXIF orientation is applied. */
  readonly height: number;
  /** EXIF orientation, 1 to 8; 1 when the file has none. */
  readonly orientation: number;
  /** Samples per pixel. */
  readonly channels: number;
  /** Form of a sample: `uchar`, `ushort`, `float`, ... */
  readonly depth: string;
  /** Frames of an animation, pages of a document. */
  readonly pages: number;
}

/** What a decoder found. Followed on the wire by `bytes` bytes: rows of pixels, samples interleaved. */
export interface Decoded extends ImageHeader {
  readonly ok: true;
  readonly bytes: number;
}

/** Why a decoder did not decode. After `memory` its process ends. */
export interface NotDecoded {
  readonly ok: false;
  readonly kind: 'damaged' | 'pixels' | 'memory';
  readonly message: string;
}

/** Either answer. */
export type DecodeReply = Decoded | NotDecoded;

/** A message as it crosses the pipe: 4 bytes (little endian) of length, JSON; the picture's bytes follow by themselves. */
export function frameHead(message: DecodeRequest | DecodeReply): Uint8Array {
  const json = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4 + json.length);
  head.writeUInt32LE(json.length);
  json.copy(head, 4);
  return head;
}

import { MaskloomError } from '@maskloom/core';
import { READABLE_FORMATS, imageFormat } from './format.js';

/**
 * Lets only files through whose first bytes announce a format that is read: nothing else may reach a decoder.
 * @param bytes - the file, or at least its first `FORMAT_BYTES`
 * @param where - for messages
 * @throws MaskloomError IMAGE_EMPTY, IMAGE_UNSUPPORTED
 */
export function checkFormat(bytes: Uint8Array, where: string): void {
  if (bytes.length === 0) {
    throw new MaskloomError('IMAGE_EMPTY', 'the image has 0 bytes', {
      where,
      hint: 'Fetch or save it again.',
    });
  }
  if (imageFormat(bytes) === undefined) {
    throw new MaskloomError('IMAGE_UNSUPPORTED', 'this is not an image of a format that is read', {
      where,
      hint: `Convert it to one of ${READABLE_FORMATS}.`,
    });
  }
}

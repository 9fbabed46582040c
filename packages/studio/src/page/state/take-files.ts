import { uploadPicture } from './load-picture.js';
import { showPicture, tell, type Studio } from './studio.js';

/** Brings files in and shows the last of them. */
export function takeFiles(studio: Studio, files: Iterable<File>): Promise<void> {
  return tell(studio, async () => {
    for (const file of files) {
      const entry = await uploadPicture(studio.api, file);
      studio.pictures.value = [...studio.pictures.value, entry];
      await showPicture(studio, entry);
    }
  });
}

import type { Api } from './api.js';
import type { OpenPicture, PictureEntry } from './model.js';

/** Fetches a picture's pixels, ready to be painted. */
export async function loadPicture(api: Api, entry: PictureEntry): Promise<OpenPicture> {
  const { blob, headers } = await api.blob(`/api/pictures/${encodeURIComponent(entry.id)}/pixels`);
  const [width = 1, height = 1] = (headers.get('x-picture-size') ?? '').split(' ').map(Number);
  return { ...entry, size: [height, width], bitmap: await createImageBitmap(blob) };
}

/** Brings a file to the server. */
export async function uploadPicture(api: Api, file: File): Promise<PictureEntry> {
  return api.upload<PictureEntry>(`/api/pictures?name=${encodeURIComponent(file.name.slice(0, 300))}`, file);
}

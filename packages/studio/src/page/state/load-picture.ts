import type { Api } from './api.js';
import type { OpenPicture, PictureEntry } from './model.js';

/** Fetches a picture's pixels, ready to be painted. */
export async function loadPicture(api: Api, entry: PictureEntry): Promise<OpenPicture> {
  const { blob, headers } = await api.blob(`/api/pictures/${encodeURIComponent(entry.id)}/pixels`);
  const [width = 1, height = 1] = (headers.get('x-picture-size') ?? '').split(' ').map(Number);
  const bitmap = await createImageBitmap(blob);
  return { ...entry, size: [height, width], bitmap, halves: await halvesOf(bitmap) };
}

/** Halves, quarters and so on, down to what a small cell shows. */
async function halvesOf(bitmap: ImageBitmap): Promise<readonly ImageBitmap[]> {
  const longest = Math.max(bitmap.width, bitmap.height);
  const scales = [2, 4, 8].filter((scale) => longest / scale > 200);
  return Promise.all(
    scales.map((scale) =>
      createImageBitmap(bitmap, {
        resizeWidth: Math.ceil(bitmap.width / scale),
        resizeHeight: Math.ceil(bitmap.height / scale),
        resizeQuality: 'high',
      }),
    ),
  );
}

/** Brings a file to the server. */
export async function uploadPicture(api: Api, file: File): Promise<PictureEntry> {
  return api.upload<PictureEntry>(`/api/pictures?name=${encodeURIComponent(file.name.slice(0, 300))}`, file);
}

import { z } from 'zod';
import { readJsonItems, type CocoImage } from '@maskloom/data';
import { dataInvalid } from '@maskloom/data';
import type { SceneCategory } from './scene.js';

const imageSchema = z.object({
  id: z.number().int().nonnegative(),
  file_name: z.string().min(1),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
const categorySchema = z.object({
  id: z.number().int().nonnegative(),
  name: z.string().min(1),
  isthing: z.number().optional(),
});

/**
 * Images and categories of a COCO file, in its order; its annotations are not held.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
 */
export async function imagesOf(
  file: string,
): Promise<{ readonly images: readonly CocoImage[]; readonly categories: readonly SceneCategory[] }> {
  const images: CocoImage[] = [];
  for await (const { index, value } of readJsonItems(file, 'images')) {
    const found = imageSchema.safeParse(value);
    if (!found.success)
      throw dataInvalid(file, `images[${index}]`, found.error.issues[0]?.message ?? 'not valid');
    images.push(found.data);
  }
  const categories: SceneCategory[] = [];
  for await (const { index, value } of readJsonItems(file, 'categories')) {
    const found = categorySchema.safeParse(value);
    if (!found.success)
      throw dataInvalid(file, `categories[${index}]`, found.error.issues[0]?.message ?? 'not valid');
    const { id, name, isthing } = found.data;
    categories.push({ id, name, isThing: isthing !== 0 });
  }
  return { images, categories };
}

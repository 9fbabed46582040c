import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, createFeatureCache, type Prediction } from '@maskloom/core';
import { patch } from '@maskloom/rose';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { vanilla } from '@maskloom/stacked-seg';

/**
 * Stacked `<SEG>` masks with ROSE's names: each mask restricts ROSE's proposals to itself, and the best of them is named.
 * Any system's masks would do.
 * @param path - an image file
 * @returns the stacked prediction with ROSE's names
 */
export async function main(path: string): Promise<Prediction> {
  const image = await loadImage(path);
  using cache = createFeatureCache({ maxImages: 1 }); // each encoder runs once
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using stacked = await compose(vanilla).on(models).build();
  await using rose = await compose(patch).on(models).build();
  const found = await stacked.segment(image, { task: 'free' }, { cache });
  const segments = [];
  for (const segment of found.segments) {
    const prompts = [{ mask: segment.mask }];
    const { segments: named } = await rose.segment(image, { task: 'free', prompts }, { cache });
    segments.push({ ...segment, label: named[0]?.label ?? segment.label });
  }
  segments.forEach(({ label }, i) => console.log(`${found.segments[i]?.label} is named ${label}`));
  return { ...found, segments };
}

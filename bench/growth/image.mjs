// A picture from its file to masks at its size: reading it, one system, its overlay.
import { compose } from '@maskloom/core';
import { paintOverlay } from '@maskloom/report';
import { loadImage } from '@maskloom/runtime';
import { openModels } from '../lib/stage.mjs';
import { SYSTEMS } from '../lib/systems.mjs';
import { pictureFile } from './files.mjs';

/** @param pixels - of the picture */
export async function run(pixels, folder, recipe) {
  const { builder, request } = SYSTEMS.find((system) => system.recipe === recipe);
  const pipeline = await builder(compose).on(openModels()).build();
  const image = await loadImage(pictureFile(folder, pixels));
  const { segments } = await pipeline.segment(image, request);
  if (segments.length === 0) throw new Error(`${recipe} has found nothing.`);
  await paintOverlay(image, segments, { format: 'webp' });
}

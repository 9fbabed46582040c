import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compare, compose, createFeatureCache, createRegistry, recipeId, type Outcome } from '@maskloom/core';
import { readPlugin } from '@maskloom/read';
import { folderBundle, loadImage, onnx, openBundle } from '@maskloom/runtime';
import { stackedSegPlugin } from '@maskloom/stacked-seg';

/**
 * Every recipe of two systems that the bundle has weights for, on the same images. Each encoder runs once per image, however many recipes read it.
 * @param paths - image files
 * @param text - what to find in each
 * @returns the outcomes, image by image
 */
export async function main(paths: readonly string[], text: string): Promise<readonly Outcome[]> {
  const registry = createRegistry().register(stackedSegPlugin).register(readPlugin);
  const bundle = folderBundle(bundleDirectory);
  const trained = new Set((await openBundle(bundle)).recipes);
  const recipes = registry
    .systems()
    .flatMap((system) => system.recipes)
    .filter((recipe) => trained.has(recipeId(recipe)) && recipe.tasks.includes('referring'));
  // Disposing of the source disposes of what was opened from it.
  await using models = onnx({ bundle });
  const pipelines = await Promise.all(recipes.map((recipe) => compose(recipe).on(models).build()));
  using cache = createFeatureCache({ maxImages: 1 });

  const outcomes: Outcome[] = [];
  for (const path of paths) {
    const image = await loadImage(path);
    outcomes.push(...(await compare(pipelines, image, { task: 'referring', text }, { cache })));
  }
  for (const outcome of outcomes) {
    console.log(
      outcome.ok
        ? `${outcome.pipeline}: ${outcome.prediction.segments.length} masks (${outcome.prediction.answer})`
        : `${outcome.pipeline}: ${outcome.error.code}`,
    );
  }
  console.log(`${cache.misses} encodings for ${outcomes.length} predictions`);
  return outcomes;
}

import type { ImageFrame, Prediction } from '@maskloom/core';
import type { ExportImage, ExportResults } from '@maskloom/data';
import type { PredictionRun } from './predictions.js';

/** Predictions as masks to be written: one set of results per recipe, in the order they come. */
export function resultsOfRuns(runs: readonly PredictionRun[]): readonly ExportResults[] {
  const byRecipe = new Map<string, ExportImage[]>();
  for (const { system, recipe, image, segments } of runs) {
    const name = `${system}/${recipe}`;
    const images = byRecipe.get(name) ?? [];
    byRecipe.set(name, images);
    const { path, width, height } = image;
    images.push({
      path,
      width,
      height,
      segments: segments.map(({ label, score, segmentation }) => ({ label, score, mask: segmentation })),
    });
  }
  return [...byRecipe].map(([name, images]) => ({ name, images }));
}

/** The steps of a refinement as masks to be written: `step-0` is what it began with. */
export function resultsOfSteps(
  path: string,
  { width, height }: Pick<ImageFrame, 'width' | 'height'>,
  steps: readonly Prediction[],
): readonly ExportResults[] {
  return steps.map(({ segments }, i) => ({
    name: `step-${i}`,
    images: [{ path, width, height, segments }],
  }));
}

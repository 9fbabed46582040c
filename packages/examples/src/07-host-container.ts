import { Container } from 'inversify';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { bindPipeline, compose, MODEL_SOURCE, type Prediction } from '@maskloom/core';
import { inversifyContainer } from '@maskloom/core/inversify';
import { full } from '@maskloom/read';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

/**
 * A host application that has an inversify container of its own: pipelines are resolved from it like any other
 * service. The models come from its binding of MODEL_SOURCE; the pipeline is built at the first use.
 * With tsyringe: `tsyringeContainer(container)` of `@maskloom/core/tsyringe`, all else equal.
 * @param path - an image file
 * @param text - what to find
 */
export async function main(path: string, text: string): Promise<Prediction> {
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  const application = new Container();
  const container = inversifyContainer(application);
  container.bindValue(MODEL_SOURCE, models);
  const token = bindPipeline(container, compose(full));

  try {
    const read = await container.resolve(token);
    console.log(`${read.id} on the bundle '${read.describe().bundle}'`);
    const prediction = await read.segment(await loadImage(path), { task: 'referring', text });
    console.log(`answer: ${prediction.answer}`);
    return prediction;
  } finally {
    // Disposes of the pipelines that were made; the application's own bindings stay.
    await container.dispose();
  }
}

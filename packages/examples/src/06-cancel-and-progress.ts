import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, MaskloomError, type ImageFrame } from '@maskloom/core';
import { full } from '@maskloom/read';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

/**
 * Watches a run stage by stage and gives up after a while. An abandoned run starts no further model call and leaves
 * nothing behind; the pipeline stays usable.
 * @param path - an image file
 * @param text - what to find
 * @param milliseconds - patience
 * @returns the stages that ended, and whether the run was given up
 */
export async function main(path: string, text: string, milliseconds: number) {
  const image: ImageFrame = await loadImage(path);
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using read = await compose(full).on(models).build();
  const ended: string[] = [];
  read.events.on('stage:start', ({ stage }) => console.log(`${stage} ...`));
  read.events.on('stage:end', ({ slot, stage, ms, device }) => {
    ended.push(slot);
    console.log(`${stage} took ${ms.toFixed(1)} ms on ${device}`);
  });
  read.events.on('warning', ({ message }) => console.warn(`warning: ${message}`));

  try {
    const signal = AbortSignal.timeout(milliseconds);
    await read.segment(image, { task: 'referring', text }, { signal });
    return { ended, givenUp: false };
  } catch (error) {
    if (!MaskloomError.is(error) || error.code !== 'ABORTED') throw error;
    console.log(`given up after ${ended.length} stage calls; live tensors: ${models.liveTensors}`);
    return { ended, givenUp: true };
  }
}

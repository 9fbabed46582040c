import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, type Conversation } from '@maskloom/core';
import { full } from '@maskloom/read';
import { concat } from '@maskloom/refine';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';

/**
 * Any system and refinement by conversation: READ answers, ROSE's refiner takes over what is said about it.
 * @param path - an image file
 * @param text - what to find
 * @param says - what is wrong, one turn each
 * @returns the conversation: every step, undo and redo, and `save()`
 */
export async function main(path: string, text: string, says: readonly string[]): Promise<Conversation> {
  const image = await loadImage(path);
  await using models = onnx({ bundle: folderBundle(bundleDirectory) });
  await using read = await compose(full).on(models).build();
  await using refiner = await compose(concat).on(models).build();

  const talk = read.converse(image, { refiner });
  const { segments } = await talk.ask({ task: 'referring', text });
  if (segments.length > 0) for (const words of says) await talk.say(words);
  const { x, y, width, height } = { x: 0, y: 0, width: image.width / 2, height: image.height / 2 };
  await talk.say('You missed the thing in this box.', { box: { frame: 'ImagePx', x, y, width, height } });

  for (const { prediction, instruction } of talk.steps) {
    const what = prediction.segments.map(({ label, area }) => `${label} (${area} px)`).join(', ');
    console.log(`${instruction?.say ?? text}: ${what || 'nothing'}`);
  }
  return talk;
}

// What the measures share: the embedded bundle on the CPU, images, pipelines whose run goes through every stage.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { Assembler, compose, LanguageModel } from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { llavaLanguageModel } from '@maskloom/llava';
import { folderBundle, onnx } from '@maskloom/runtime';
import { thresholdAssembler } from '@maskloom/sam';

/** The question; what is answered does not matter to the time. */
export const ASK = { task: 'referring', text: 'the red striped star' };

/** The answer that is given to the language model, so that every run decodes one mask. */
export const ANSWER = 'It is [SEG].';

/** Models of the embedded bundle, or of the one in a folder, kept open. */
export const openModels = (bundle = bundleDirectory) =>
  onnx({ bundle: folderBundle(bundle), device: 'cpu', keepOpen: true });

let made = 0;

/** A scene as an image; each has a hash of its own, so that no cache knows it. */
export function image(width = 128, height = 128) {
  const { rgb } = makeScene(8_950_000 + (made % 50), width, height);
  return { rgb, width, height, sha256: `bench ${made++}` };
}

/** A builder whose run goes through every stage, whatever the weights make of the image. */
export const everyStage = (recipe) =>
  compose(recipe)
    .with(LanguageModel, llavaLanguageModel({ forcedAnswer: ANSWER }))
    .with(Assembler, thresholdAssembler({ threshold: -1e9 }));

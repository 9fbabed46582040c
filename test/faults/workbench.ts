import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Assembler, compose, LanguageModel, type AnyRecipe, type ImageFrame } from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { llavaLanguageModel } from '@maskloom/llava';
import { thresholdAssembler } from '@maskloom/sam';

/** The repository's root folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** The command, as it is built. */
export const COMMAND = join(ROOT, 'packages/cli/dist/main.js');

/** A question; what is answered does not matter here. */
export const ASK = { task: 'referring', text: 'the red star' } as const;

/** A folder of its own that goes with `await using`. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'maskloom-faults-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A generated scene as an image. */
export function sceneImage(seed = 8_940_000, width = 160, height = 96): ImageFrame {
  const { rgb } = makeScene(seed, width, height);
  return { rgb, width, height, sha256: `scene ${seed} ${width} ${height}` };
}

/** A builder whose run goes through every stage whatever the weights are: the answer is given, every mask is kept. */
export function everyStage(recipe: AnyRecipe) {
  return compose(recipe)
    .with(LanguageModel, llavaLanguageModel({ forcedAnswer: 'It is [SEG].' }))
    .with(Assembler, thresholdAssembler({ threshold: -1e9 }));
}

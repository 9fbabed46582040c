// The pictures and scenes that the sizes work on, made before anything is measured.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writePng } from '@maskloom/runtime';
import { makeScene, writeSynth } from '@maskloom/synth';
import sharp from 'sharp';

const SEED = 8_970_000;

/** The picture of so many pixels. */
export const pictureFile = (folder, pixels) => join(folder, `picture ${pixels}.jpg`);

/** The n-th scene of a comparison. */
export const sceneFile = (folder, n) => join(folder, 'scenes', `${n}.png`);

/** The folder of an evaluation of so many scenes. */
export const scenesFolder = (folder, count) => join(folder, `${count} scenes`);

/** One scene of the synthetic world, enlarged to sizes given as width and height. */
export async function writePictures(folder, sizes) {
  const { rgb, width, height } = makeScene(SEED, 384, 256);
  const scene = sharp(rgb, { raw: { width, height, channels: 3 } });
  for (const [w, h] of sizes)
    await scene
      .clone()
      .resize(w, h, { fit: 'fill' })
      .jpeg()
      .toFile(pictureFile(folder, w * h));
}

/** Scenes of 128 x 128. */
export async function writeScenes(folder, count) {
  mkdirSync(join(folder, 'scenes'));
  for (let n = 0; n < count; n++) {
    const scene = makeScene(SEED + n, 128, 128);
    await writePng(sceneFile(folder, n), scene.rgb, scene);
  }
}

/** Data sets of scenes of 64 x 64. */
export async function writeDataSets(folder, counts) {
  for (const count of counts)
    await writeSynth({ out: scenesFolder(folder, count), count, seed: SEED, width: 64, height: 64 });
}

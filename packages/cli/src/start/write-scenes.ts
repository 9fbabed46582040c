import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeLabel, type Segment } from '@maskloom/core';
import { makeScene, type Scene } from '@maskloom/synth';
import { writePng } from '@maskloom/runtime';
import type { ComparedImage } from '../compare/compared-image.js';
import { chooseQuestion, type QuestionKind, type SceneQuestion } from './choose-question.js';

/** First seed of the demonstration's scenes: in none of the data sets that the kit trains or scores on. */
export const FIRST_SEED = 8_900_000;

/** One entry per scene: width, height and the kind of question. */
export const PLAN: readonly (readonly [number, number, QuestionKind])[] = [
  [128, 128, 'attribute'],
  [160, 96, 'attribute'],
  [128, 128, 'relation'],
  [96, 160, 'attribute'],
  [128, 128, 'stuff'],
  [128, 128, 'false premise'],
  [192, 128, 'relation'],
  [128, 128, 'reasoning'],
  [128, 128, 'attribute'],
  [128, 176, 'attribute'],
  [128, 128, 'relation'],
  [128, 128, 'attribute'],
];

/**
 * Draws the demonstration's twelve scenes and writes them as PNG files.
 * @param folder - made when missing; files of equal name are replaced
 * @returns the files with a question each and its exact answer
 */
export async function writeScenes(folder: string): Promise<readonly ComparedImage[]> {
  await mkdir(folder, { recursive: true });
  const images: ComparedImage[] = [];
  for (const [index, [width, height, kind]] of PLAN.entries()) {
    const scene = makeScene(FIRST_SEED + index, width, height);
    const path = join(folder, `${String(scene.seed).padStart(8, '0')}.png`);
    await writePng(path, scene.rgb, scene);
    const question = chooseQuestion(scene, kind);
    images.push({
      path,
      text: question.text,
      task: question.kind === 'reasoning' ? 'reasoning' : 'referring',
      kind: question.kind,
      truth: { segments: truthOf(scene, question) },
    });
  }
  return images;
}

/** Places in the plan of the scenes that are also looked at without any question. */
const FREE = [0, 1, 2, 3];

/**
 * The demonstration's scenes once more, without a question: everything that is there, with its name.
 * @param scenes - what {@link writeScenes} gave
 */
export function freeScenes(scenes: readonly ComparedImage[]): readonly ComparedImage[] {
  return FREE.flatMap((index): ComparedImage[] => {
    const [image, plan] = [scenes[index], PLAN[index]];
    if (image === undefined || plan === undefined) return [];
    const scene = makeScene(FIRST_SEED + index, plan[0], plan[1]);
    const things = scene.things.map((thing) => ({ ...thing, label: thing.shape }));
    const stuff = scene.stuff.map((region) => ({ ...region, label: region.name }));
    const segments = [...things, ...stuff].map(({ id, label, bbox, area }): Segment => {
      const mask = encodeLabel(scene.labels, scene.width, scene.height, id);
      return { label, score: 1, bbox, area, mask };
    });
    return [{ path: image.path, text: '', task: 'free', kind: 'free vocabulary', truth: { segments } }];
  });
}

function truthOf(scene: Scene, { segment, text }: SceneQuestion): readonly Segment[] {
  const region = [...scene.things, ...scene.stuff].find((one) => one.id === segment);
  if (segment === undefined || region === undefined) return [];
  const mask = encodeLabel(scene.labels, scene.width, scene.height, segment);
  return [{ label: text, score: 1, bbox: region.bbox, area: region.area, mask }];
}

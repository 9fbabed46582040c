import type { Box, DeviceChoice } from '@maskloom/core';
import { makeScene, type Scene } from '@maskloom/synth';
import type { ComparedImage } from '../compare/compared-image.js';
import { refineImage, type RefineImageResult } from '../refine/refine-image.js';
import { FIRST_SEED, PLAN } from './write-scenes.js';

/** The system whose result is talked about. */
export const REFINED = 'stacked-seg/vanilla';
/** Place of the scene in the plan. */
const SCENE = 8;

/** Where and how the demonstration's conversation runs. */
export interface RefineSceneOptions {
  /** Folder for the conversation and its report. */
  readonly out: string;
  readonly device: DeviceChoice;
  readonly signal: AbortSignal;
}

/**
 * The demonstration's conversation: a system finds everything in a scene without a list, then three turns, written
 * beforehand for a person who sees the scene: something was missed, its mask is not good, its name is wrong. The boxes
 * are those of the scene's own things, so the outcome is no figure of the system.
 * @param scenes - what `writeScenes` gave
 */
export function refineScene(
  scenes: readonly ComparedImage[],
  options: RefineSceneOptions,
): Promise<RefineImageResult> {
  const [width, height] = PLAN[SCENE] ?? [0, 0];
  const scene = makeScene(FIRST_SEED + SCENE, width, height);
  const { missed, other } = chooseThings(scene);
  return refineImage({
    ...options,
    image: scenes[SCENE]?.path ?? '',
    system: REFINED,
    task: 'free',
    generated: true,
    say: ['You missed the thing in this box.', 'The mask of this one is incomplete.', 'Its name is wrong.'],
    boxes: [missed, other, missed],
    note: "Three turns written beforehand for a person who sees the scene; the boxes are those of the scene's own things.",
  });
}

/** The smallest thing, which is missed most often, and the largest one. */
function chooseThings({ things }: Scene): Readonly<Record<'missed' | 'other', Box<'ImagePx'>>> {
  const sorted = [...things].sort((a, b) => a.area - b.area);
  const boxOf = ([x, y, width, height]: Scene['things'][number]['bbox']) =>
    ({ frame: 'ImagePx', x, y, width, height }) as const;
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) throw new Error('The scene has no things.');
  return { missed: boxOf(first.bbox), other: boxOf(last.bbox) };
}

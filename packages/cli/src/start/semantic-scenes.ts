import { encodeLabel, mergeMasks, maskBox, type Segment } from '@maskloom/core';
import { INVENTED, makeScene, SHAPES, STUFF, type Scene } from '@maskloom/synth';
import type { ComparedImage } from '../compare/compared-image.js';

/** Seeds of the demonstration's scenes that are also looked at with a list of classes, by place. */
const LISTED = [0, 2, 4, 7];
/** Places of scenes that are also looked at with made-up names. */
const INVENTED_AT = [0, 6];

/** The classes of the world: its shapes and its background. */
const CLASSES: readonly string[] = [...SHAPES, ...STUFF];

/**
 * The demonstration's scenes once more, with a list of classes: every pixel belongs to one of them. In the last ones the
 * things go by made-up names that only their descriptions explain.
 * @param scenes - the scenes' files, in order
 * @param sizes - width and height of each
 * @param firstSeed - seed of the first scene
 */
export function semanticScenes(
  scenes: readonly ComparedImage[],
  sizes: readonly (readonly [number, number, ...unknown[]])[],
  firstSeed: number,
): readonly ComparedImage[] {
  const look = (index: number, invented: boolean): readonly ComparedImage[] => {
    const [image, size] = [scenes[index], sizes[index]];
    if (image === undefined || size === undefined) return [];
    const scene = makeScene(firstSeed + index, size[0], size[1]);
    return [
      {
        path: image.path,
        text: '',
        task: 'semantic',
        kind: invented ? 'made-up names' : 'list of classes',
        labels: invented ? [...INVENTED.map(({ name }) => name), ...STUFF] : CLASSES,
        truth: { segments: semanticTruth(scene, invented) },
      },
    ];
  };
  return [
    ...LISTED.flatMap((index) => look(index, false)),
    ...INVENTED_AT.flatMap((index) => look(index, true)),
  ];
}

/** One segment per class that is there; with made-up names, things that have none are left out. */
function semanticTruth(scene: Scene, invented: boolean): readonly Segment[] {
  const { labels, width, height } = scene;
  const byClass = new Map<string, number[]>();
  const add = (label: string | undefined, id: number): void => {
    if (label !== undefined) byClass.set(label, [...(byClass.get(label) ?? []), id]);
  };
  for (const thing of scene.things) add(invented ? madeUpName(thing) : thing.shape, thing.id);
  for (const region of scene.stuff) add(region.name, region.id);
  return [...byClass].map(([label, ids]) => {
    const mask = mergeMasks(ids.map((id) => encodeLabel(labels, width, height, id)));
    const members = [...scene.things, ...scene.stuff].filter(({ id }) => ids.includes(id));
    const area = members.reduce((sum, one) => sum + one.area, 0);
    return { label, score: 1, bbox: maskBox(mask), area, mask };
  });
}

function madeUpName({ shape, colour, texture }: Scene['things'][number]): string | undefined {
  return INVENTED.find((one) => one.shape === shape && one.colour === colour && one.texture === texture)
    ?.name;
}

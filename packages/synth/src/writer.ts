import { copyFileSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdeIndex } from './ade20k.js';
import { writeCaption } from './captions.js';
import { writeExpressions } from './expressions.js';
import { JsonStream } from './json-stream.js';
import { encodePng } from './png.js';
import { tracePolygons } from './polygon.js';
import { Prng } from '@maskloom/core';
import { writeQuestions } from './reasoning.js';
import {
  annotationId,
  annotationRecords,
  falsePremiseRecord,
  panopticSegments,
  referRecord,
  sceneFileName,
  splitOf,
  STUFF_CATEGORIES,
  THING_CATEGORIES,
} from './records.js';
import { makeScene, type Scene } from './scene.js';

const STREAMS = ['instances', 'panoptic', 'referInstances', 'refs', 'falsePremise', 'captions'] as const;
type StreamName = (typeof STREAMS)[number];

/** Writes scenes one after another into a folder in all of the world's formats. */
export class SceneWriter {
  readonly #root: string;
  readonly #streams: Readonly<Record<StreamName, JsonStream>>;
  readonly #images: object[] = [];
  readonly #ade = new AdeIndex();
  readonly #splits = new Set<string>();

  /** @param root - an empty folder */
  constructor(root: string) {
    this.#root = root;
    for (const folder of [
      'images',
      'annotations',
      'panoptic',
      'ade20k/annotations',
      'refer',
      'fp',
      'reason',
    ]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    this.#streams = {
      instances: new JsonStream(join(root, 'annotations/instances.json'), '{"annotations":['),
      panoptic: new JsonStream(join(root, 'annotations/panoptic.json'), '{"annotations":['),
      referInstances: new JsonStream(join(root, 'refer/instances.json'), '{"annotations":['),
      refs: new JsonStream(join(root, 'refer/refs.json'), '['),
      falsePremise: new JsonStream(join(root, 'fp/refs.json'), '['),
      captions: new JsonStream(join(root, 'captions.json'), '['),
    };
  }

  /** Draws and writes the scene of a seed. */
  write(seed: number, width: number, height: number): void {
    const scene = makeScene(seed, width, height);
    const name = sceneFileName(seed);
    writeFileSync(join(this.#root, 'images', name), encodePng(scene.rgb, width, height, 3, 'picture'));
    writeFileSync(
      join(this.#root, 'panoptic', name),
      encodePng(panopticPixels(scene), width, height, 3, 'labels'),
    );
    writeFileSync(
      join(this.#root, 'ade20k/annotations', name),
      encodePng(this.#ade.add(scene), width, height, 1, 'labels'),
    );
    this.#images.push({ id: seed, file_name: name, width, height });
    const streams = this.#streams;
    const { things, stuff } = annotationRecords(scene);
    for (const record of things) {
      const text = JSON.stringify(record);
      streams.instances.addText(text);
      streams.referInstances.addText(text);
    }
    for (const record of stuff) streams.referInstances.add(record);
    streams.panoptic.add({ image_id: seed, file_name: name, segments_info: panopticSegments(scene) });
    for (const about of writeExpressions(new Prng(seed, 1), scene)) {
      streams.refs.add(referRecord(scene, about));
      streams.falsePremise.add(falsePremiseRecord(scene, about));
    }
    this.#writeReasoning(scene, name);
    streams.captions.add({ image_id: seed, ...writeCaption(new Prng(seed, 3), scene) });
  }

  /** Ends every file. */
  close(): void {
    writeFileSync(join(this.#root, 'ade20k/objectInfo.csv'), this.#ade.table());
    const info = { description: 'Maskloom synthetic world', version: '1' };
    const rest = (categories: object[]): string => {
      const images = this.#images.map((image) => JSON.stringify(image)).join(',\n');
      return `,"images":[\n${images}\n],"categories":${JSON.stringify(categories)},"info":${JSON.stringify(info)}}`;
    };
    this.#streams.instances.close(rest(THING_CATEGORIES));
    this.#streams.panoptic.close(rest([...THING_CATEGORIES, ...STUFF_CATEGORIES]));
    this.#streams.referInstances.close(rest([...THING_CATEGORIES, ...STUFF_CATEGORIES]));
    for (const name of ['refs', 'falsePremise', 'captions'] as const) this.#streams[name].close();
  }

  /** Lets go of every file after a failure. */
  abandon(): void {
    for (const name of STREAMS) this.#streams[name].abandon();
  }

  #writeReasoning(scene: Scene, imageName: string): void {
    const split = splitOf(scene.seed);
    const folder = join(this.#root, 'reason', split);
    if (!this.#splits.has(split)) mkdirSync(folder, { recursive: true });
    this.#splits.add(split);
    writeQuestions(new Prng(scene.seed, 2), scene).forEach(({ text, isSentence, segment }, k) => {
      const bbox =
        [...scene.things, ...scene.stuff].find((s) => s.id === segment)?.bbox ?? ([0, 0, 0, 0] as const);
      const stem = `${imageName.slice(0, -4)}_${k}`;
      const shapes = tracePolygons(scene.labels, scene.width, segment, bbox).map((points) => ({
        label: 'target',
        points,
      }));
      const record = {
        text,
        is_sentence: isSentence,
        shapes,
        image_name: `${stem}.png`,
        ann_ids: [annotationId(scene.seed, segment)],
      };
      writeFileSync(join(folder, `${stem}.json`), `${JSON.stringify(record)}\n`);
      linkOrCopy(join(this.#root, 'images', imageName), join(folder, `${stem}.png`));
    });
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // file systems without hard links
  }
}

/** Segment ids as RGB, id = R + 256 G + 65536 B (COCO panoptic). */
function panopticPixels({ labels }: Scene): Uint8Array {
  const rgb = new Uint8Array(labels.length * 3);
  for (let p = 0; p < labels.length; p++) rgb[p * 3] = labels[p] as number;
  return rgb;
}

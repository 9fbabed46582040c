import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import {
  compose,
  decodeMask,
  maskArea,
  maskBox,
  type ImageFrame,
  type Prediction,
  type RefineSituation,
  type Segment,
} from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { concat, drawn, drawnBox } from '@maskloom/refine';
import { folderBundle, onnx } from '@maskloom/runtime';

/**
 * Refiners against the training kit's PyTorch path (`python -m maskloom_training.refine.parity`): on held-out
 * scenes, square and not, the same patch answers, names are identical, masks differ only where PyTorch's own logit is
 * within `near` of the threshold.
 */
const ABLATIONS = new URL('../../packages/bundle-ablations/bundle/', import.meta.url);
const RECIPES = [
  ['refine/concat', concat, bundleDirectory],
  ['refine/drawn', drawn, ABLATIONS],
  ['refine/drawn-box', drawnBox, ABLATIONS],
] as const;
const MIN_IOU = 0.995;

interface Turn {
  readonly situation: RefineSituation;
  readonly box: readonly [number, number, number, number] | null;
  readonly before: string;
  readonly name: string;
  readonly cell: number;
  readonly objectness: number;
  readonly mask: string;
  readonly near: string;
}
interface Case {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly pixelsSha256: string;
  readonly previous: string;
  readonly turns: readonly Turn[];
}
interface Golden {
  readonly recipe: string;
  readonly models: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

const goldenOf = (id: string): Golden =>
  JSON.parse(
    readFileSync(new URL(`./golden/${id.replace('/', '-')}.json`, import.meta.url), 'utf8'),
  ) as Golden;

/** The case's scene, drawn again; the kit read the same pixels from disk. */
function imageOf({ seed, width, height, pixelsSha256 }: Case): ImageFrame {
  const { rgb } = makeScene(seed, width, height);
  const sha256 = createHash('sha256').update(rgb).digest('hex');
  expect(sha256, `scene ${seed} of ${width} x ${height}`).toBe(pixelsSha256);
  return { width, height, rgb, sha256 };
}

function predictionOf({ width, height, previous }: Case, { situation, before }: Turn): Prediction {
  const mask = { size: [height, width] as const, counts: previous };
  const old: Segment = { label: before, score: 0.5, bbox: maskBox(mask), area: maskArea(mask), mask };
  const segments = situation === 'missed' ? [] : [old];
  const request = { task: 'free' } as const;
  return { system: 'any', recipe: 'one', request, answer: '', segments, stages: [], warnings: [] };
}

/** IoU of two masks, and how many of their differing pixels PyTorch was sure about. */
function differences({ mask }: Segment, golden: Turn): { iou: number; sure: number } {
  const [own, reference, near] = [mask.counts, golden.mask, golden.near].map(
    (counts) => decodeMask({ size: mask.size, counts }).pixels,
  );
  let [both, either, sure] = [0, 0, 0];
  own?.forEach((value, i) => {
    const other = reference?.[i] ?? 0;
    both += value & other;
    either += value | other;
    if (value !== other && near?.[i] === 0) sure++;
  });
  return { iou: either === 0 ? 1 : both / either, sure };
}

describe.each(RECIPES)('%s', (id, recipe, directory) => {
  const golden = goldenOf(id);

  it('has golden values of the models that the bundle holds now', () => {
    const manifest = JSON.parse(readFileSync(new URL('bundle.json', directory), 'utf8')) as {
      models: Record<string, { sha256: string }>;
    };
    expect(golden.recipe).toBe(id);
    for (const [model, sha256] of Object.entries(golden.models))
      expect(manifest.models[model]?.sha256, `${model}: run the kit's parity command again`).toBe(sha256);
  });

  it('chooses patches, names and masks as PyTorch does', async () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(20);
    const bundle = folderBundle(fileURLToPath(directory));
    await using models = onnx({ bundle, device: 'cpu', threads: 1 });
    await using pipeline = await compose(recipe).on(models).build();
    for (const scene of golden.cases) {
      const image = imageOf(scene);
      for (const turn of scene.turns) {
        const where = `scene ${scene.seed} of ${scene.width} x ${scene.height}, ${turn.situation}`;
        const [x = 0, y = 0, width = 0, height = 0] = turn.box ?? [];
        const refined = await pipeline.refine(image, predictionOf(scene, turn), {
          say: 'as in the golden file',
          situation: turn.situation,
          ...(turn.situation === 'missed' ? {} : { segment: 0 }),
          ...(turn.situation === 'category' ? { wrong: turn.before } : {}),
          ...(turn.box === null ? {} : { box: { frame: 'ImagePx', x, y, width, height } }),
        });
        const segment = refined.segments.at(-1) as Segment;
        const { row = NaN, column = NaN, objectness = NaN } = segment.evidence?.patch ?? {};
        expect(row * 16 + column, where).toBe(turn.cell);
        expect(objectness, where).toBeCloseTo(turn.objectness, 3);
        expect(segment.label, where).toBe(turn.name);
        const { iou, sure } = differences(segment, turn);
        expect(iou, where).toBeGreaterThanOrEqual(MIN_IOU);
        expect(sure, `${where}: pixels that differ away from the threshold`).toBe(0);
      }
    }
  });
});

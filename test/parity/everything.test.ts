import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose, maskIou, type ImageFrame, type RleMask } from '@maskloom/core';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { everythingWith, type EverythingOptions } from '@maskloom/sam';
import { makeScene } from '@maskloom/synth';

/**
 * `sam/everything` against segment-anything's own `SamAutomaticMaskGenerator` on the same weights in PyTorch
 * (`training/golden/make_everything_golden.py`): with its defaults, crops, other thresholds, small regions removed; square
 * and not, smaller and larger than SAM's input.
 */
const MIN_IOU = 0.99;
/** ONNX Runtime and PyTorch differ in the last digits. */
const SCORE_TOLERANCE = 2e-3;

interface GoldenMask {
  readonly counts: string;
  readonly area: number;
  readonly iou: number;
  readonly stability: number;
  readonly point: readonly [x: number, y: number];
}
interface Case {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly pixelsSha256: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly masks: readonly GoldenMask[];
}

const { cases } = JSON.parse(readFileSync(new URL('golden/everything.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

/** The reference's names are ours in camelCase. */
const optionsOf = (settings: Case['settings']): EverythingOptions =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );

function sceneOf({ seed, width, height, pixelsSha256 }: Case): ImageFrame {
  const { rgb } = makeScene(seed, width, height);
  const sha256 = createHash('sha256').update(rgb).digest('hex');
  expect(sha256).toBe(pixelsSha256);
  return { width, height, rgb, sha256 };
}

describe('sam/everything', () => {
  let models: OnnxSource;
  beforeAll(() => {
    models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', keepOpen: true });
  });
  afterAll(() => models.dispose());

  it.each(cases.map((one) => [`${one.width} x ${one.height} ${JSON.stringify(one.settings)}`, one] as const))(
    'keeps the masks of the reference: %s',
    async (_, one) => {
      // Crops of a picture that is not square are of unequal size: three go through the encoder in one call.
      const cropsPerBatch = one.width === one.height ? 1 : 3;
      const pipeline = await compose(everythingWith({ ...optionsOf(one.settings), cropsPerBatch }))
        .on(models)
        .build();
      const { segments } = await pipeline.segment(sceneOf(one), { task: 'free' });
      await pipeline.dispose();
      expect(one.masks.length).toBeGreaterThan(0);
      expect(segments).toHaveLength(one.masks.length);
      // Equal scores may come in another order; no two masks are one point's with one score.
      const left = new Set(segments);
      for (const golden of one.masks) {
        const mask: RleMask = { size: [one.height, one.width], counts: golden.counts };
        const same = [...left].find(
          (segment) =>
            maskIou(segment.mask, mask) >= MIN_IOU &&
            Math.abs(segment.score - Math.min(1, Math.max(0, golden.iou))) < SCORE_TOLERANCE,
        );
        expect(same, JSON.stringify(golden)).toBeDefined();
        if (same === undefined) continue;
        left.delete(same);
        expect(same.area / golden.area).toBeCloseTo(1, 2);
        const [x = NaN, y = NaN] = same.evidence?.points?.xy ?? [];
        expect(Math.hypot(x - golden.point[0], y - golden.point[1])).toBeLessThan(0.01);
      }
      expect(left.size).toBe(0);
    },
    120_000,
  );
});

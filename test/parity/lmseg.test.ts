import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, decodeMask, PromptWriter, Tiler, type Pipeline } from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { denseViews, full, writerOf, type PromptVariant } from '@maskloom/lmseg';
import { folderBundle, onnx } from '@maskloom/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Label maps of the PyTorch pipeline on held-out scenes (`python -m maskloom_training.lmseg.parity`). */
interface Golden {
  readonly schema: 'maskloom.lmseg-parity/1';
  readonly models: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly seed: number;
    readonly width: number;
    readonly height: number;
    readonly pixelsSha256: string;
    readonly labels: readonly string[];
    readonly prompts: PromptVariant;
    readonly mode: 'whole' | 'sliding';
    /** COCO run-length code of each label's pixels. */
    readonly classes: Readonly<Record<string, string>>;
    /** The same of the pixels whose two best scores are all but equal. */
    readonly near: string;
  }[];
}

const file = new URL('golden/lmseg.json', import.meta.url);
const golden = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Golden) : undefined;
const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', keepOpen: true });
afterAll(() => models.dispose());

/** Issue's bound: labels equal on this share of all pixels. */
const WANTED = 0.999;

describe('LMSeg and the PyTorch pipeline', () => {
  it('have golden cases of the very models in the bundle, both ways of looking, 50 scenes', () => {
    expect(golden?.schema).toBe('maskloom.lmseg-parity/1');
    const manifest = JSON.parse(readFileSync(new URL('bundle.json', bundleDirectory), 'utf8')) as {
      readonly models: Readonly<Record<string, { readonly sha256: string }>>;
    };
    for (const [id, sha256] of Object.entries(golden?.models ?? {}))
      expect(manifest.models[id]?.sha256).toBe(sha256);
    expect(
      new Set(golden?.cases.map(({ seed, width, height }) => `${seed} ${width} ${height}`)).size,
    ).toBeGreaterThanOrEqual(50);
    expect(new Set(golden?.cases.map(({ mode }) => mode))).toEqual(new Set(['whole', 'sliding']));
    expect(golden?.cases.some(({ width, height }) => width !== height)).toBe(true);
  });

  describe.each(['whole', 'sliding'] as const)('looking at it %s', (mode) => {
    const cases = golden?.cases.filter((one) => one.mode === mode) ?? [];
    const pipelines = new Map<PromptVariant, Pipeline>();
    beforeAll(async () => {
      for (const prompts of new Set(cases.map((one) => one.prompts)))
        pipelines.set(
          prompts,
          await compose(full)
            .with(Tiler, denseViews({ mode }))
            .with(PromptWriter, writerOf(prompts))
            .on(models)
            .build(),
        );
    });

    it('give every pixel the same label, but for one in a thousand', async () => {
      let [pixels, equal, unexplained] = [0, 0, 0];
      for (const one of cases) {
        const { seed, width, height, labels } = one;
        const { rgb } = makeScene(seed, width, height);
        expect(createHash('sha256').update(rgb).digest('hex')).toBe(one.pixelsSha256);
        const image = { width, height, rgb, sha256: `scene ${seed} ${width} ${height}` };
        const pipeline = pipelines.get(one.prompts);
        if (pipeline === undefined) throw new Error(one.prompts);
        const { segments } = await pipeline.segment(image, { task: 'semantic', labels });
        const ours = new Int16Array(width * height).fill(-1);
        for (const { label, mask } of segments)
          decodeMask(mask).pixels.forEach(
            (set, at) => void (set === 1 && (ours[at] = labels.indexOf(label))),
          );
        const theirs = new Int16Array(width * height).fill(-1);
        const pixelsOf = (counts: string) => decodeMask({ size: [height, width], counts }).pixels;
        for (const [label, counts] of Object.entries(one.classes))
          pixelsOf(counts).forEach((set, at) => void (set === 1 && (theirs[at] = labels.indexOf(label))));
        const near = pixelsOf(one.near);
        ours.forEach((label, at) => {
          pixels++;
          if (label === theirs[at]) equal++;
          else if (near[at] === 0) unexplained++;
        });
      }
      expect(pixels).toBeGreaterThan(0);
      expect(equal / pixels).toBeGreaterThanOrEqual(WANTED);
      // Where labels differ, the two best scores were all but equal.
      expect(unexplained / pixels).toBeLessThan(1e-4);
    });
  });
});

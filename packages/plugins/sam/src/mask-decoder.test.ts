import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type {
  FeatureMap,
  HostTensor,
  MaskDecoder,
  MaskPrompt,
  ModelHost,
  ModelSession,
  RunContext,
  Tensor,
} from '@maskloom/core';
import { checkKinds } from './check-kinds.js';
import { pointTokens } from './point-tokens.js';
import { groupPrompts } from './prompt-groups.js';
import { promptFeeds } from './decoder-feeds.js';
import { samMaskDecoder } from './mask-decoder.js';
import type { SamPreset } from './preset.js';

const SIDE = 2;
const WIDTH = 3;

/** A tensor of this thread; counts its reads. */
class Values implements Tensor {
  readonly dtype = 'float32' as const;
  reads = 0;
  constructor(
    readonly dims: readonly number[],
    readonly data: Float32Array,
  ) {}
  read(): Promise<Float32Array> {
    this.reads++;
    return Promise.resolve(this.data.slice());
  }
  release(): void {}
}

/**
 * A decoder whose mask m of prompt n is a fixed sum over that prompt's own tokens, so that any mix-up of
 * prompts, labels, rows or outputs shows. Predicted IoU: mask 2 of the four is the best of the last three.
 */
function fakeDecoder(calls: string[]): ModelSession {
  return {
    id: 'decoder',
    device: 'cpu',
    inputs: [],
    outputs: [],
    run: async (feeds) => {
      const host = async (name: string): Promise<HostTensor> => {
        const feed = feeds[name];
        if (feed === undefined || 'repeated' in feed) throw new Error(`no ${name}`);
        return 'read' in feed ? { dtype: 'float32', dims: feed.dims, data: await feed.read() } : feed;
      };
      const [coords, labels, mask, has, embeddings] = (await Promise.all(
        ['point_coords', 'point_labels', 'mask_input', 'has_mask', 'embeddings'].map(host),
      )) as [HostTensor, HostTensor, HostTensor, HostTensor, HostTensor];
      const [count = 0, points = 0] = coords.dims;
      const perPrompt = embeddings.dims[1] ?? 0;
      calls.push(`N${count} P${points} E${perPrompt} M${has.data[0]}`);
      // One mask serves all prompts where none has its own.
      if (mask.dims[0] !== count && (mask.dims[0] !== 1 || has.data.some((flag) => flag !== 0)))
        throw new Error(`${mask.dims[0]} masks for ${count} prompts`);
      const own = mask.dims[0] === count ? SIDE * SIDE : 0;
      const at = (t: HostTensor, i: number): number => Number(t.data[i] ?? NaN);
      const masks = new Float32Array(count * 4 * SIDE * SIDE);
      for (let n = 0; n < count; n++) {
        let sum = 0;
        for (let p = 0; p < points; p++) {
          const i = n * points + p;
          sum += (at(labels, i) + 2) * (at(coords, 2 * i) + 10 * at(coords, 2 * i + 1) + p);
        }
        for (let e = 0; e < perPrompt * WIDTH; e++)
          sum += (e + 1) * at(embeddings, n * perPrompt * WIDTH + e);
        for (let k = 0; k < SIDE * SIDE; k++) sum += at(has, n) * at(mask, n * own + k) * (k + 1);
        for (let m = 0; m < 4; m++)
          for (let k = 0; k < 4; k++) masks[(n * 4 + m) * 4 + k] = sum + 1000 * m + k;
      }
      const iou = Float32Array.from({ length: count * 4 }, (_, i) => [0.9, 0.1, 0.7, 0.3][i % 4] ?? 0);
      return { masks: new Values([count, 4, SIDE, SIDE], masks), iou: new Values([count, 4], iou) };
    },
  };
}

const features: FeatureMap<'SamPx'> = {
  space: 'sam',
  layout: 'grid',
  width: WIDTH,
  rows: 1,
  columns: 1,
  tensor: new Values([1, WIDTH, 1, 1], new Float32Array(WIDTH)),
  transform: {
    frame: 'SamPx',
    original: { width: 8, height: 8 },
    resized: { width: 8, height: 8 },
    input: { width: 8, height: 8 },
    scaleX: 1,
    scaleY: 1,
    offsetX: 0,
    offsetY: 0,
  },
};
const run: RunContext = {
  signal: new AbortController().signal,
  scope: { own: () => undefined, keep: (t) => t, release: () => undefined },
  warn: () => undefined,
  progress: () => undefined,
};

async function build(calls: string[] = [], multimask = false): Promise<MaskDecoder> {
  const models = {
    bundle: 'toy',
    model: async () => fakeDecoder(calls),
    preset: () => ({
      imageSize: 8,
      maskSize: SIDE,
      embedDim: WIDTH,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      resample: 'bilinear',
    }),
  } as unknown as ModelHost;
  return samMaskDecoder({ multimask }).create({ models, signal: run.signal, warn: () => undefined });
}

const shared = new Values(
  [5, 2, WIDTH],
  Float32Array.from({ length: 5 * 2 * WIDTH }, (_, i) => (i % 7) - 3),
);
const single = new Values([1, WIDTH], Float32Array.from([5, -1, 2]));
const whole = fc.integer({ min: 0, max: 7 });
const points = fc.array(fc.tuple(whole, whole, fc.constantFrom(1, 0, -1)), { maxLength: 3 }).map((list) => ({
  frame: 'SamPx' as const,
  xy: Float32Array.from(list.flatMap(([x, y]) => [x, y])),
  labels: Int8Array.from(list, ([, , label]) => label),
}));
const prompt: fc.Arbitrary<MaskPrompt> = fc
  .record(
    {
      points,
      box: fc.record({
        frame: fc.constant('SamPx' as const),
        x: whole,
        y: whole,
        width: whole,
        height: whole,
      }),
      embedding: fc.oneof(
        fc.integer({ min: 0, max: 4 }).map((row) => ({ tensor: shared as Tensor, row })),
        fc.constant({ tensor: single as Tensor, row: 0 }),
      ),
      mask: fc.array(whole, { minLength: 4, maxLength: 4 }).map((values) => Float32Array.from(values)),
    },
    { requiredKeys: [] },
  )
  .filter(
    (p) =>
      (p.points?.labels.length ?? 0) > 0 ||
      p.box !== undefined ||
      p.embedding !== undefined ||
      p.mask !== undefined,
  );

describe('pointTokens', () => {
  const some = { frame: 'SamPx', xy: Float32Array.from([1, 2]), labels: Int8Array.from([1]) } as const;

  it('adds the pad point to points alone', () => {
    const { xy, labels } = pointTokens({ points: some });
    expect([[...xy], [...labels]]).toEqual([
      [1, 2, 0, 0],
      [1, -1],
    ]);
  });

  it('puts a box after the points as two corners, without a pad', () => {
    const { xy, labels } = pointTokens({
      points: some,
      box: { frame: 'SamPx', x: 3, y: 4, width: 10, height: 20 },
    });
    expect([[...xy], [...labels]]).toEqual([
      [1, 2, 3, 4, 13, 24],
      [1, 2, 3],
    ]);
  });

  it('gives an embedding alone no tokens, also with an empty point set', () => {
    const none = { frame: 'SamPx', xy: new Float32Array(0), labels: new Int8Array(0) } as const;
    expect(pointTokens({ points: none, embedding: { tensor: single, row: 0 } }).labels).toHaveLength(0);
  });

  it('refuses points of the image frame', () => {
    const wrong = { ...some, frame: 'ImagePx' } as unknown as MaskPrompt['points'];
    expect(() => pointTokens({ points: wrong as NonNullable<MaskPrompt['points']> })).toThrow(/SamPx/);
  });
});

describe('samMaskDecoder', () => {
  it('gives the same masks together as one by one, in the order of the prompts', async () => {
    const decoder = await build();
    await fc.assert(
      fc.asyncProperty(fc.array(prompt, { minLength: 1, maxLength: 8 }), async (prompts) => {
        const together = await decoder.decode(features, prompts, run);
        expect(together.count).toBe(prompts.length);
        for (const [n, one] of prompts.entries()) {
          const alone = await decoder.decode(features, [one], run);
          expect(together.logits.slice(n * 4, n * 4 + 4)).toEqual(alone.logits);
          expect(together.quality[n]).toBe(alone.quality[0]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('makes one call per structure', async () => {
    const calls: string[] = [];
    const at = (row: number): MaskPrompt => ({ embedding: { tensor: shared, row } });
    const box = { frame: 'SamPx', x: 0, y: 0, width: 2, height: 2 } as const;
    await (
      await build(calls)
    ).decode(features, [at(0), { box }, at(1), { box }, { mask: new Float32Array(4) }, at(4)], run);
    expect(calls).toEqual(['N3 P0 E2 M0', 'N2 P2 E0 M0', 'N1 P0 E0 M1']);
  });

  it('decodes many prompts 128 at a time, and gives the masks in the order of the prompts', async () => {
    const calls: string[] = [];
    const box = (x: number) => ({ box: { frame: 'SamPx', x, y: 0, width: 2, height: 2 } as const });
    const prompts = Array.from({ length: 300 }, (_, i) => box(i % 7));
    const stage = await build(calls);
    const many = await stage.decode(features, prompts, run);
    expect(calls).toEqual(['N128 P2 E0 M0', 'N128 P2 E0 M0', 'N44 P2 E0 M0']);
    expect(many.count).toBe(300);
    for (const at of [0, 127, 128, 255, 256, 299]) {
      const alone = await stage.decode(features, [box(at % 7)], run);
      const size = alone.logits.length;
      expect([...many.logits.subarray(at * size, (at + 1) * size)]).toEqual([...alone.logits]);
    }
  });

  it('feeds embeddings wanted whole and in order as the handle they are', async () => {
    const rows = new Values([2, 1, WIDTH], new Float32Array(2 * WIDTH));
    const group = groupPrompts([
      { embedding: { tensor: rows, row: 0 } },
      { embedding: { tensor: rows, row: 1 } },
    ]);
    const preset: SamPreset = {
      imageSize: 8,
      maskSize: SIDE,
      embedDim: WIDTH,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      resample: 'bilinear',
      prompts: ['point', 'box', 'mask', 'embedding'],
      padAfterBox: false,
      fit: 'pad',
    };
    const first = group[0];
    expect(first).toBeDefined();
    if (first !== undefined)
      expect((await promptFeeds(first, { ...preset, mean: [0, 0, 0], std: [1, 1, 1] }))['embeddings']).toBe(
        rows,
      );
    expect(rows.reads).toBe(0);
  });

  it('takes the best of the three ambiguity-aware masks when asked to', async () => {
    const prompts = [{ embedding: { tensor: single, row: 0 } }];
    const plain = await (await build()).decode(features, prompts, run);
    const multi = await (await build([], true)).decode(features, prompts, run);
    expect((multi.logits[0] ?? 0) - (plain.logits[0] ?? 0)).toBe(2000);
    expect([plain.quality[0], multi.quality[0]]).toEqual([Math.fround(0.9), Math.fround(0.7)]);
  });

  it('gives every ambiguity-aware mask of each prompt, in the order of the prompts, when asked to', async () => {
    const at = (row: number): MaskPrompt => ({ embedding: { tensor: shared, row } });
    const box = { frame: 'SamPx', x: 0, y: 0, width: 2, height: 2 } as const;
    const decoder = await build();
    const every = await decoder.decode(features, [at(0), { box }, at(1)], run, 'every');
    expect([every.count, every.logits.length]).toEqual([9, 9 * 4]);
    expect([...every.quality]).toEqual([...Array(3)].flatMap(() => [0.1, 0.7, 0.3].map(Math.fround)));
    const single = await decoder.decode(features, [at(0), { box }, at(1)], run);
    // The toy's mask m is its single mask and 1000 m.
    for (let n = 0; n < 3; n++)
      for (let m = 0; m < 3; m++)
        expect(every.logits[(n * 3 + m) * 4]).toBe((single.logits[n * 4] ?? NaN) + 1000 * (m + 1));
  });

  it('decodes nothing from no prompts, and refuses an empty one', async () => {
    const calls: string[] = [];
    const decoder = await build(calls);
    expect((await decoder.decode(features, [], run)).count).toBe(0);
    expect(calls).toEqual([]);
    await expect(decoder.decode(features, [{}], run)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  it.each([
    ['a mask of another size', { mask: new Float32Array(9) }],
    ['a row that is not there', { embedding: { tensor: shared, row: 5 } }],
    [
      'an embedding of another width',
      { embedding: { tensor: new Values([1, 2], new Float32Array(2)), row: 0 } },
    ],
  ])('refuses %s', async (_, bad) => {
    await expect((await build()).decode(features, [bad], run)).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });

  it('refuses features of another frame, and stops when aborted', async () => {
    const decoder = await build();
    const wrong = { ...features, transform: { ...features.transform, frame: 'ClipPx' as const } };
    await expect(
      decoder.decode(wrong, [{ embedding: { tensor: single, row: 0 } }], run),
    ).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    const calls: string[] = [];
    const aborted = { ...run, signal: AbortSignal.abort() };
    const stopped = (await build(calls)).decode(
      features,
      [{ embedding: { tensor: single, row: 0 } }],
      aborted,
    );
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(calls).toEqual([]);
  });
});

describe('what a bundle says of its decoder', () => {
  const box = { frame: 'SamPx', x: 1, y: 2, width: 3, height: 4 } as const;

  it('puts a pad point behind a box where its prompt encoder was trained with one', () => {
    expect([...pointTokens({ box }).labels]).toEqual([2, 3]);
    expect([...pointTokens({ box }, true).labels]).toEqual([2, 3, -1]);
    expect(groupPrompts([{ box }], true)[0]?.points).toBe(3);
  });

  it('refuses prompts for which it has no weights, naming those that it takes', () => {
    const preset = { prompts: ['point', 'embedding'] } as unknown as SamPreset;
    expect(() => checkKinds([{ box }], preset)).toThrow(/Prompt 0 has a box.*point, embedding/s);
    expect(() => checkKinds([{ mask: new Float32Array(4) }], preset)).toThrow(/a mask/);
    const points = {
      frame: 'SamPx',
      xy: Float32Array.of(1, 1),
      labels: Int8Array.of(1),
    } as MaskPrompt['points'];
    expect(() => checkKinds([{ ...(points && { points }) }], preset)).not.toThrow();
  });
});

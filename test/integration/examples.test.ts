import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { Assembler, compose, LanguageModel, PointPrompter, type Prediction } from '@maskloom/core';
import { conformanceCases, DEFAULT_SIZES, fakeRun, Fixture } from '@maskloom/core/conformance';
import { makeScene } from '@maskloom/synth';
import * as examples from '@maskloom/examples';
import { llavaLanguageModel } from '@maskloom/llava';
import { full } from '@maskloom/read';
import { folderBundle, loadImage, onnx, writePng } from '@maskloom/runtime';
import { prompted, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';
import { vanilla } from '@maskloom/stacked-seg';

const TEXT = 'the orange ring';
let folder: string;
let square: string;
let wide: string;

beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  folder = await mkdtemp(join(tmpdir(), 'maskloom-examples-'));
  [square, wide] = [join(folder, 'square.png'), join(folder, 'wide.png')];
  const [one, other] = [makeScene(8_910_000, 128, 128), makeScene(8_910_001, 160, 96)];
  await writePng(square, one.rgb, one);
  await writePng(wide, other.rgb, other);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** What holds of every prediction, whatever the weights make of the image. */
function expectWhole({ system, recipe, answer, segments, stages }: Prediction, id: string): void {
  expect(`${system}/${recipe}`).toBe(id);
  expect(stages.map((stage) => stage.slot).slice(0, 2)).toEqual(['VisionEncoder', 'LanguageModel']);
  // Without [SEG] in the answer nothing is decoded; a mask that comes out empty is no segment.
  const decoded = stages.some((stage) => stage.slot === 'MaskDecoder');
  expect(decoded).toBe(answer.includes('[SEG]'));
  if (!decoded) expect(segments).toEqual([]);
}

describe('the examples', () => {
  it('are all exported, short, and each in a file of its own', async () => {
    const sources = join(import.meta.dirname, '../../packages/examples/src');
    const files = (await readdir(sources)).filter((name) => /^\d\d-/.test(name));
    expect(files.length).toBeGreaterThanOrEqual(5);
    const index = await readFile(join(sources, 'index.ts'), 'utf8');
    for (const file of files) {
      expect(index).toContain(`./${file.replace(/\.ts$/, '.js')}`);
      const lines = (await readFile(join(sources, file), 'utf8')).split('\n').length;
      expect(lines, file).toBeLessThan(60);
    }
    const stage = await readFile(join(sources, 'spread-points.ts'), 'utf8');
    expect(stage.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('01 segments an image and saves the overlay', async () => {
    const overlay = join(folder, 'overlay.png');
    expectWhole(await examples.segmentAnImage(wide, TEXT, overlay), 'read/full');
    const saved = await loadImage(overlay);
    expect([saved.width, saved.height]).toEqual([160, 96]);
  });

  it('09 finds and names everything without a list', async () => {
    const { system, recipe, request, answer, segments } = await examples.freeVocabulary(wide);
    expect([system, recipe, request]).toEqual(['rose', 'patch', { task: 'free' }]);
    expect(segments.length).toBeGreaterThan(1);
    expect(new Set(segments.map(({ label }) => label)).size).toBeGreaterThan(1);
    for (const { label, evidence, mask } of segments) {
      expect(label).toMatch(/^[a-z ]+$/);
      expect(evidence?.patch?.objectness).toBeGreaterThan(0);
      expect(mask.size).toEqual([96, 160]);
    }
    // The answer was shown as it grew, then one line per segment.
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => String(line));
    expect(lines.at(-1 - segments.length)).toBe(answer);
  });

  it("10 prompts with ROSE's patches and READ's points", async () => {
    const [plain, mixed] = await examples.rosePatchesReadPoints(wide);
    expect([plain.recipe, mixed.recipe]).toEqual(['patch', 'patch-points']);
    const ran = ({ stages }: Prediction) => stages.find(({ slot }) => slot === 'PointPrompter')?.stage;
    expect([ran(plain), ran(mixed)]).toEqual([undefined, 'read/similarity-as-points']);
    // Proposals come before the points: both start from the same patches; the points change the masks.
    expect(mixed.evidence?.patches).toEqual(plain.evidence?.patches);
    expect(mixed.answer).toBe(plain.answer);
    expect(mixed.segments.map(({ mask }) => mask)).not.toEqual(plain.segments.map(({ mask }) => mask));
  });

  it("11 keeps a stacked system's masks and takes ROSE's names", async () => {
    const before = vi.mocked(console.log).mock.calls.length;
    const { system, recipe, segments } = await examples.nameAnyMasks(wide);
    expect(`${system}/${recipe}`).toBe('stacked-seg/vanilla');
    expect(segments.length).toBeGreaterThan(0);
    await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
    await using stacked = await compose(vanilla).on(models).build();
    const own = await stacked.segment(await loadImage(wide), { task: 'free' });
    expect(segments.map(({ mask, score }) => [mask, score])).toEqual(
      own.segments.map(({ mask, score }) => [mask, score]),
    );
    const lines = vi.mocked(console.log).mock.calls.slice(before);
    expect(lines.map(([line]) => line)).toEqual(
      segments.map(({ label }, i) => `${own.segments[i]?.label} is named ${label}`),
    );
  });

  it('14 refines what another system answered', async () => {
    // Something that is there for certain: the largest region.
    const [region] = [...makeScene(8_910_001, 160, 96).stuff].sort((a, b) => b.area - a.area);
    const says = ['the mask is incomplete', 'the name is wrong'];
    const talk = await examples.refineAnySystem(wide, `the ${region?.name}`, says);
    const [asked, redrawn, renamed, added] = talk.steps.map(({ prediction }) => prediction);
    expect(`${asked?.system}/${asked?.recipe}`).toBe('read/full');
    expect([redrawn, renamed, added].map((one) => one?.refinement?.situation)).toEqual([
      'mask',
      'category',
      'missed',
    ]);
    expect(asked?.segments[0]?.label).toBe(`the ${region?.name}`);
    expect(renamed?.segments[0]?.label).not.toBe(`the ${region?.name}`);
    expect(added?.segments).toHaveLength((asked?.segments.length ?? 0) + 1);
    expect(talk.undo().prediction).toBe(added);
    expect(talk.save().undone).toHaveLength(1);
  });

  it('12 puts a fusion of its own into LMSeg, and 13 gives its labels to the masks of SAM', async () => {
    const labels = ['ring', 'star', 'grass', 'sky', 'water', 'sand', 'snow', 'rock'];
    const cases = conformanceCases('FeatureFuser', examples.withContext());
    for (const { run } of cases) await run();
    const predictions = await examples.yourOwnFusion(wide, labels);
    expect(
      predictions.map(({ stages }) => stages.find(({ slot }) => slot === 'FeatureFuser')?.stage),
    ).toEqual(['lmseg/fusion', 'my-fusion/with-context']);
    for (const { segments } of predictions)
      expect(segments.reduce((sum, { area }) => sum + area, 0)).toBe(160 * 96);

    const scene = makeScene(8_910_001, 160, 96);
    const points = scene.things.map(({ bbox: [x, y, w, h] }) => [x + w / 2, y + h / 2] as const);
    const { segments, recipe } = await examples.labelsForAnyMasks(wide, points, labels);
    expect(recipe).toBe('prompted-lmseg-labels');
    expect(segments).toHaveLength(points.length);
    for (const { label } of segments) expect(labels).toContain(label);
  });

  it('02 swaps a stage', async () => {
    const predictions = await examples.swapAStage(wide, TEXT);
    expect([...predictions.keys()]).toEqual(['as trained', 'one point', "the paper's Algorithm 1"]);
    for (const prediction of predictions.values()) expectWhole(prediction, 'read/full');
    // Points come after the answer, so all three answer alike.
    expect(new Set([...predictions.values()].map((prediction) => prediction.answer)).size).toBe(1);
    const onePoint = predictions.get('one point')?.segments[0];
    if (onePoint !== undefined) expect(onePoint.evidence?.points?.labels).toHaveLength(1);
  });

  it('03 runs a stage of its own', async () => {
    expectWhole(await examples.yourOwnStage(wide, TEXT), 'read/full');
  });

  it('04 compares every recipe, each encoder once per image', async () => {
    const outcomes = await examples.compareSystems([square, wide], TEXT);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual(Array.from({ length: 12 }, () => true));
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => String(line));
    const encodings = Number(/^(\d+) encodings for 12 predictions$/.exec(lines.at(-1) ?? '')?.[1]);
    // Two images through CLIP, and through SAM where anything was found.
    expect([2, 3, 4]).toContain(encodings);
  });

  it('05 puts points over a system that has none', async () => {
    const [without, withPoints] = await examples.saspOverAnySegSystem(wide, TEXT);
    expectWhole(without, 'stacked-seg/single');
    expectWhole(withPoints, 'stacked-seg/single-sasp');
    expect(withPoints.answer).toBe(without.answer);
    for (const { evidence } of withPoints.segments) expect(evidence?.points?.labels).toHaveLength(6);
  });

  it('06 gives up in time, and does not when it need not', async () => {
    const hasty = await examples.cancelAndProgress(wide, TEXT, 1);
    expect(hasty.givenUp).toBe(true);
    expect(hasty.ended).not.toContain('Assembler');
    expect(vi.mocked(console.log).mock.lastCall?.[0]).toMatch(/live tensors: 0$/);
    const patient = await examples.cancelAndProgress(wide, TEXT, 60_000);
    expect(patient.givenUp).toBe(false);
    expect(patient.ended.slice(0, 2)).toEqual(['VisionEncoder', 'LanguageModel']);
  });

  it('07 is resolved from a host application', async () => {
    expectWhole(await examples.hostContainer(wide, TEXT), 'read/full');
  });

  it('08 runs a recipe that no plugin has', async () => {
    const prediction = await examples.yourOwnRecipe(wide, 80, 40);
    expect(prediction.stages.map((stage) => stage.slot)).toEqual(['Encoder', 'MaskDecoder', 'Assembler']);
    expect(prediction.segments.length).toBeLessThanOrEqual(1);
    for (const { mask } of prediction.segments) expect(mask.size).toEqual([96, 160]);
  });

  it('15 runs a recipe with a slot that core does not know', async () => {
    const [raw, smooth] = await examples.yourOwnSlot(wide, 80, 40);
    const slots = ['Encoder', 'MaskDecoder', 'MaskSmoother', 'Assembler'];
    expect(raw?.stages.map(({ slot }) => slot)).toEqual(slots);
    expect(smooth?.stages.map(({ stage }) => stage)).toContain('example/box-blur');
    const plain = await examples.yourOwnRecipe(wide, 80, 40);
    expect(raw?.system).toBe(plain.system);
    // A radius of nothing changes nothing: SAM's own mask for the same point.
    await using models = onnx({ bundle: folderBundle(bundleDirectory) });
    await using sam = await compose(prompted).on(models).build();
    const points = { frame: 'ImagePx', xy: Float32Array.of(80, 40), labels: Int8Array.of(1) } as const;
    const alone = await sam.segment(await loadImage(wide), { task: 'prompted', prompts: [{ points }] });
    expect(raw?.segments.map(({ mask }) => mask)).toEqual(alone.segments.map(({ mask }) => mask));
  });
});

describe('boxBlur', () => {
  const transform = new Fixture(64, 64, DEFAULT_SIZES).samTransform();
  const smooth = async (radius: number, logits: readonly number[], width: number, height: number) => {
    const stage = await examples.boxBlur({ radius }).create({} as never);
    const masks = {
      logits: Float32Array.from(logits),
      count: logits.length / (width * height),
      width,
      height,
    };
    return [...(await stage.smooth({ ...masks, quality: new Float32Array(1), transform }, fakeRun())).logits];
  };

  it('takes the mean of what is there, each mask by itself', async () => {
    const impulse = [0, 0, 0, 0, 9, 0, 0, 0, 0];
    expect(await smooth(1, impulse, 3, 3)).toEqual([2.25, 1.5, 2.25, 1.5, 1, 1.5, 2.25, 1.5, 2.25]);
    expect(await smooth(1, [3, 0, 0, 0, 0, 12], 3, 1)).toEqual([1.5, 1, 0, 0, 4, 6]);
    expect(await smooth(0, impulse, 3, 3)).toEqual(impulse);
    expect(await smooth(5, [1, 2, 3, 4, 5, 6], 2, 3)).toEqual(Array(6).fill(3.5));
  });
});

describe("the sizes that the guide gives for SAM's decoder", () => {
  it('are those that its model wants', async () => {
    const guide = await readFile(
      join(import.meta.dirname, '../../docs/guides/write-your-own-stage.md'),
      'utf8',
    );
    const [, written = ''] = /sizes: \{ (features[^}]*) \}/.exec(guide) ?? [];
    const sizes = Object.fromEntries(
      written.split(', ').map((part) => {
        const [name = '', value] = part.split(': ');
        return [name, Number(value)];
      }),
    );
    expect(Object.keys(sizes)).toHaveLength(4);
    await using models = onnx({ bundle: folderBundle(bundleDirectory), keepOpen: true, device: 'cpu' });
    const host = () => models.open('sam/prompted');
    for (const { run } of conformanceCases('MaskDecoder', samMaskDecoder(), { host, sizes })) await run();
  });
});

describe('parallel calls on a real pipeline', () => {
  it('give no warning, and are answered in the order asked', async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', onWarning);
    try {
      await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu' });
      await using sam = await compose(prompted).on(models).build();
      const image = await loadImage(square);
      const { signal } = new AbortController();
      const answered: number[] = [];
      await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          const box = { frame: 'ImagePx', x: i, y: i, width: 30, height: 30 } as const;
          // Those asked first have most to do.
          const prompts = Array.from({ length: 20 - i }, () => ({ box }));
          await sam.segment(image, { task: 'prompted', prompts }, { signal });
          answered.push(i);
        }),
      );
      expect(answered).toEqual(Array.from({ length: 20 }, (_, i) => i));
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', onWarning);
    }
  });
});

describe("the guide's stage", () => {
  it.each(conformanceCases('PointPrompter', examples.spreadPoints({ count: 5 })).map((c) => [c.name, c]))(
    'conformance: %s',
    (_, one) => one.run(),
  );

  it('finds the points that were planted, apart from each other, on an image that is not square', async () => {
    const [rows, columns, width] = [4, 4, 2];
    const tokens = new Float32Array(rows * columns * width);
    const plant = (x: number, y: number, score: number): void =>
      void (tokens[(y * columns + x) * width] = score);
    plant(1, 2, 9);
    plant(2, 2, 8); // A neighbour of the best.
    plant(3, 0, 7);
    const handle = (data: Float32Array, dims: readonly number[]) =>
      ({ dtype: 'float32', dims, read: async () => data, release: () => undefined }) as const;
    // 80 x 40 resized to 64 x 32, the middle 32 x 32 seen: cells are 8 input pixels, 10 image pixels.
    const transform = {
      frame: 'ClipPx',
      original: { width: 80, height: 40 },
      resized: { width: 64, height: 32 },
      input: { width: 32, height: 32 },
      scaleX: 0.8,
      scaleY: 0.8,
      offsetX: 16,
      offsetY: 0,
    } as const;
    const tensor = handle(tokens, [1, rows * columns, width]);
    const imageStates = {
      space: 'llava-tokens',
      layout: 'tokens',
      tensor,
      width,
      rows,
      columns,
      transform,
    } as const;
    const context = {
      models: undefined as never,
      signal: new AbortController().signal,
      warn: () => undefined,
    };
    const stage = await examples.spreadPoints({ count: 2, apart: 2 }).create(context);
    const query = handle(Float32Array.of(1, 0), [1, width]);
    const { points } = await stage.prompt({ query, imageStates }, undefined as never);
    expect(Array.from(points.xy)).toEqual([35, 25, 55, 5]);
    expect(Array.from(points.labels)).toEqual([1, 1]);
  });

  it('prompts the mask decoder of READ', async () => {
    await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
    await using pipeline = await compose(full)
      .with(PointPrompter, examples.spreadPoints({ count: 4 }))
      .with(LanguageModel, llavaLanguageModel({ forcedAnswer: 'It is [SEG].' }))
      .with(Assembler, thresholdAssembler({ threshold: -1e9 }))
      .on(models)
      .build();
    const prediction = await pipeline.segment(await loadImage(wide), { task: 'referring', text: TEXT });
    expect(prediction.stages.map((stage) => stage.stage)).toContain('example/spread-points');
    expect(prediction.segments[0]?.evidence?.points?.labels).toHaveLength(4);
  });
});

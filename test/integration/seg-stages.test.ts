import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compose,
  type FeatureMap,
  type ImageFrame,
  type MaskPrompt,
  type ModelHost,
  type RunContext,
  type Tensor,
} from '@maskloom/core';
import { conformanceCases, fakeImage, fakeRun } from '@maskloom/core/conformance';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { clipTower } from '@maskloom/clip';
import { llavaLanguageModel, segProjector } from '@maskloom/llava';
import { full, noPoints, similarityAsPoints, topKPoints } from '@maskloom/read';
import { folderBundle, onnx } from '@maskloom/runtime';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';

const ASK = { task: 'referring', text: 'the red disc' } as const;
const ACCEPT = 'It is [SEG].';

const source = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1, keepOpen: true });
afterAll(() => source.dispose());

describe('the stages of the <SEG> systems, on the real models', () => {
  let models: ModelHost;
  beforeAll(async () => {
    models = await source.open('read/full');
  });
  afterAll(() => models.dispose());
  const context = () => ({ models, signal: new AbortController().signal, warn: () => undefined });
  const freshRun = (): RunContext => fakeRun({ scope: models.scope() });

  const tokensOf = async (image: ImageFrame, run: RunContext): Promise<FeatureMap> =>
    (await clipTower().create(context())).encode(image, run);

  it('cached decoding equals one pass over the whole sequence', async () => {
    const run = freshRun();
    const tokens = await tokensOf(fakeImage(128, 128), run);
    const stage = await llavaLanguageModel().create(context());
    const session = await stage.read(tokens, run);
    const answer = await session.answer({ text: ASK.text, watch: ['[SEG]'], maxNewTokens: 6 }, run);
    const forcedTwice = await session.answer({ text: ASK.text, watch: ['[SEG]'], forcedAnswer: ACCEPT }, run);

    // One call with everything: prompt, image and answer, no cache.
    const whole = await wholeSequence(models, tokens, ASK.text, forcedTwice.tokenIds, run);
    const imageStates = await session.imageStates.tensor.read();
    expect(farthest(imageStates, whole.image)).toBeLessThan(1e-4);
    const state = await forcedTwice.emitted[0]!.state.read();
    expect(farthest(state, whole.states[forcedTwice.emitted[0]!.index]!)).toBeLessThan(1e-4);

    const greedy = await wholeSequence(models, tokens, ASK.text, answer.tokenIds, run);
    expect(greedy.next.slice(0, answer.tokenIds.length)).toEqual(answer.tokenIds);
    run.scope.release();
    expect(models.liveTensors).toBe(0);
  });

  it('decodes prompts of every structure together as it does one by one', async () => {
    const run = freshRun();
    const features = await (await samEncoder().create(context())).encode(fakeImage(160, 96), run);
    const decoder = await samMaskDecoder().create(context());
    const width = decoder.embeddingWidth;
    const rows = Float32Array.from({ length: 3 * width }, (_, i) => Math.sin(i));
    const embeddings: Tensor = {
      dtype: 'float32',
      dims: [3, 1, width],
      read: async () => rows.slice(),
      release: () => undefined,
    };
    const at = (x: number, y: number, label = 1) =>
      ({ frame: 'SamPx', xy: Float32Array.from([x, y]), labels: Int8Array.from([label]) }) as const;
    const box = { frame: 'SamPx', x: 20, y: 10, width: 50, height: 40 } as const;
    const mask = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.cos(i / 50) * 4);
    const row = (n: number) => ({ embedding: { tensor: embeddings, row: n } });
    const prompts: MaskPrompt[] = [
      row(0),
      { points: at(40, 30) },
      row(2),
      { box },
      { points: at(60, 20, 0), box },
      { ...row(1), points: at(10, 10) },
      { mask },
      { ...row(1), mask },
      { points: at(90, 50) },
      { ...row(0), points: at(12, 9), box, mask },
    ];
    const together = await decoder.decode(features, prompts, run);
    const size = together.width * together.height;
    for (const [n, prompt] of prompts.entries()) {
      const alone = await decoder.decode(features, [prompt], run);
      expect(farthest(together.logits.subarray(n * size, (n + 1) * size), alone.logits)).toBeLessThan(1e-4);
      expect(together.quality[n]).toBeCloseTo(alone.quality[0]!, 4);
    }
    run.scope.release();
    expect(models.liveTensors).toBe(0);
  });

  it('ends before the next model call when aborted, with nothing left', async () => {
    await using pipeline = await compose(full).on(source).build();
    const controller = new AbortController();
    pipeline.events.on(
      'stage:end',
      ({ slot }) => slot === 'VisionEncoder' && controller.abort(new Error('enough')),
    );
    const started: string[] = [];
    pipeline.events.on('stage:start', ({ slot }) => started.push(slot));
    await expect(
      pipeline.segment(fakeImage(128, 128), ASK, { signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    expect(started).toEqual(['VisionEncoder']);
  });

  const sizes = { grid: 16, input: 128, mask: 64, features: 64, vision: 128, hidden: 128, embedding: 64 };
  const host = (): Promise<ModelHost> => source.open('read/full');
  const suites = [
    ...conformanceCases('Encoder', samEncoder(), { host, sizes }),
    ...conformanceCases('VisionEncoder', clipTower(), { host, sizes }),
    ...conformanceCases('LanguageModel', llavaLanguageModel({ maxNewTokens: 4 }), { host, sizes }),
    ...conformanceCases('QueryProjector', segProjector(), { host, sizes }),
    ...conformanceCases('MaskDecoder', samMaskDecoder(), { host, sizes }),
    ...conformanceCases('MaskDecoder', samMaskDecoder({ multimask: true }), { host, sizes }),
    ...conformanceCases('PointPrompter', similarityAsPoints(), { host, sizes }),
    ...conformanceCases(
      'PointPrompter',
      similarityAsPoints({ preset: 'read-7b', geometry: 'compat', discreteToContinuous: {} }),
      { host, sizes },
    ),
    ...conformanceCases('PointPrompter', topKPoints({ positives: 3, negatives: 2 }), { host, sizes }),
    ...conformanceCases('PointPrompter', noPoints(), { host, sizes }),
    ...conformanceCases('Assembler', thresholdAssembler(), { host, sizes }),
  ];
  it.each(suites.map((c, i) => [`${i} ${c.name}`, c] as const))('conformance %s', (_, c) => c.run());
});

/** The language model's graph on a whole sequence at once: image states, the state that emits each answer token, greedy choices. */
async function wholeSequence(
  models: ModelHost,
  tokens: FeatureMap,
  text: string,
  answer: readonly number[],
  run: RunContext,
) {
  const preset = models.preset('llava') as {
    prompt: string;
    bos: string;
    layers: number;
    heads: number;
    headDim: number;
    hidden: number;
  };
  const [projector, embedding, model, tokenizer] = await Promise.all([
    models.model('projector'),
    models.model('tokenEmbedding'),
    models.model('languageModel'),
    models.tokenizer(),
  ]);
  const [before = '', after = ''] = preset.prompt.split('{image}');
  const prefix = [tokenizer.id(preset.bos), ...tokenizer.encode(before)];
  const question = tokenizer.encode(after.replace('{text}', text));
  const embed = async (ids: readonly number[]): Promise<Float32Array> => {
    if (ids.length === 0) return new Float32Array(0);
    const input_ids = {
      dtype: 'int64' as const,
      dims: [1, ids.length],
      data: BigInt64Array.from(ids, BigInt),
    };
    return (await embedding.run({ input_ids }, { scope: run.scope }))['inputs_embeds']!.read();
  };
  const image = (await projector.run({ patch_features: tokens.tensor }, { scope: run.scope }))[
    'image_tokens'
  ]!;
  const parts = [await embed(prefix), await image.read(), await embed([...question, ...answer])];
  const data = Float32Array.from(parts.flatMap((part) => [...part]));
  const total = data.length / preset.hidden;
  const empty = {
    dtype: 'float32' as const,
    dims: [1, preset.heads, 0, preset.headDim],
    data: new Float32Array(0),
  };
  const past = Object.fromEntries(
    Array.from({ length: preset.layers }).flatMap((_, i) =>
      ['key', 'value'].map((kind) => [`past_key_values.${i}.${kind}`, empty]),
    ),
  );
  const given = await model.run(
    {
      inputs_embeds: { dtype: 'float32', dims: [1, total, preset.hidden], data },
      attention_mask: { dtype: 'int64', dims: [1, total], data: new BigInt64Array(total).fill(1n) },
      position_ids: {
        dtype: 'int64',
        dims: [1, total],
        data: BigInt64Array.from({ length: total }, (_, i) => BigInt(i)),
      },
      ...past,
    },
    { scope: run.scope, outputs: ['hidden_states', 'logits'] },
  );
  const hidden = await given['hidden_states']!.read();
  const logits = await given['logits']!.read();
  const vocabulary = logits.length / total;
  const row = (t: number): Float32Array => hidden.subarray(t * preset.hidden, (t + 1) * preset.hidden);
  const start = total - answer.length - 1;
  return {
    image: hidden.subarray(
      prefix.length * preset.hidden,
      (prefix.length + tokens.rows * tokens.columns) * preset.hidden,
    ),
    states: Array.from({ length: answer.length + 1 }, (_, i) => row(start + i)),
    next: Array.from({ length: answer.length + 1 }, (_, i) => {
      const at = logits.subarray((start + i) * vocabulary, (start + i + 1) * vocabulary);
      return at.indexOf(Math.max(...at));
    }),
  };
}

/** Largest difference between two lists of numbers of one length. */
function farthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] ?? NaN))), 0);
}

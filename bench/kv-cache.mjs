// What the key-value cache saves: an answer token by token, and further questions about an image that is read already.
import { clipTower } from '@maskloom/clip';
import { fakeRun } from '@maskloom/core/conformance';
import { llavaLanguageModel } from '@maskloom/llava';
import { costInTurns, ms, ratio } from './lib/measure.mjs';
import { ASK, image, openModels } from './lib/stage.mjs';

const TOKENS = 16;
const QUESTIONS = 8;

/** @returns rows of the report */
export async function measure({ rounds }) {
  const models = openModels();
  const host = await models.open('read/full');
  const context = { models: host, signal: new AbortController().signal, warn: () => undefined };
  const tower = await clipTower().create(context);
  const language = await llavaLanguageModel().create(context);
  const longest = language.hiddenWidth;
  const cacheless = await cachelessDecoder(host);
  const sample = image();

  const within = async (work) => {
    const run = fakeRun({ scope: host.scope() });
    try {
      return await work(run, await tower.encode(sample, run));
    } finally {
      run.scope.release();
    }
  };
  // TOKENS decoding steps on both sides, whatever the weights would say: one step per token of a given answer.
  const spent = await costInTurns(
    {
      cached: () => within((run, tokens) => cacheless.withCache(tokens, run, TOKENS)),
      recomputed: () => within((run, tokens) => cacheless.withoutCache(tokens, run, TOKENS)),
      'read once': () =>
        within(async (run, tokens) => {
          const session = await language.read(tokens, run);
          for (let i = 0; i < QUESTIONS; i++) await session.answer({ ...question(i) }, run);
        }),
      'read each time': () =>
        within(async (run, tokens) => {
          for (let i = 0; i < QUESTIONS; i++)
            await (await language.read(tokens, run)).answer({ ...question(i) }, run);
        }),
    },
    rounds,
  );
  await models.dispose();
  return [
    row(
      'kv-cache/answer',
      `${TOKENS} tokens without the key-value cache, against with it (width ${longest})`,
      spent.recomputed,
      spent.cached,
    ),
    row(
      'kv-cache/questions',
      `${QUESTIONS} questions, reading the image each time, against once`,
      spent['read each time'],
      spent['read once'],
    ),
  ];
}

const row = (key, name, without, cached) => ({
  key,
  cost: cached.least / without.least,
  name,
  value: ratio(without.wall / cached.wall),
  aim: '> 1',
  good: without.wall > cached.wall,
  detail: `${ms(without.wall)} against ${ms(cached.wall)}`,
});

const question = (i) => ({
  text: `${ASK.text} ${'and more '.repeat(i % 3)}`,
  watch: ['[SEG]'],
  forcedAnswer: 'It is [SEG].',
});

/** The language model's graph driven by hand, with and without its cache. */
async function cachelessDecoder(host) {
  const preset = host.preset('llava');
  const [projector, embedding, model, tokenizer] = await Promise.all([
    host.model('projector'),
    host.model('tokenEmbedding'),
    host.model('languageModel'),
    host.tokenizer(),
  ]);
  const { hidden, layers, heads, headDim } = preset;
  const [before = '', after = ''] = preset.prompt.split('{image}');
  const ids = {
    prefix: [tokenizer.id(preset.bos), ...tokenizer.encode(before)],
    question: tokenizer.encode(after.replace('{text}', ASK.text)),
  };
  const float = (dims, data) => ({ dtype: 'float32', dims, data });
  const names = Array.from({ length: layers }).flatMap((_, i) => [`${i}.key`, `${i}.value`]);
  const emptyPast = () =>
    Object.fromEntries(
      names.map((name) => [`past_key_values.${name}`, float([1, heads, 0, headDim], new Float32Array(0))]),
    );

  const embed = async (tokens, run) => {
    const input_ids = { dtype: 'int64', dims: [1, tokens.length], data: BigInt64Array.from(tokens, BigInt) };
    return (await embedding.run({ input_ids }, { scope: run.scope })).inputs_embeds.read();
  };
  const prompt = async (tokens, run) => {
    const projected = (await projector.run({ patch_features: tokens.tensor }, { scope: run.scope }))
      .image_tokens;
    const parts = [await embed(ids.prefix, run), await projected.read(), await embed(ids.question, run)];
    return Float32Array.from(parts.flatMap((part) => [...part]));
  };
  const step = async (data, past, pastLength, outputs, run) => {
    const length = data.length / hidden;
    const total = pastLength + length;
    const feeds = {
      inputs_embeds: float([1, length, hidden], data),
      attention_mask: { dtype: 'int64', dims: [1, total], data: new BigInt64Array(total).fill(1n) },
      position_ids: {
        dtype: 'int64',
        dims: [1, length],
        data: BigInt64Array.from({ length }, (_, i) => BigInt(pastLength + i)),
      },
      ...past,
    };
    return model.run(feeds, { scope: run.scope, outputs });
  };
  const cacheOf = (given) =>
    Object.fromEntries(names.map((name) => [`past_key_values.${name}`, given[`present.${name}`]]));
  const outputs = ['logits', ...names.map((name) => `present.${name}`)];

  return {
    async withCache(tokens, run, steps) {
      let data = await prompt(tokens, run);
      let [past, length] = [emptyPast(), 0];
      const next = await embed([tokenizer.id('[SEG]')], run);
      for (let i = 0; i < steps; i++) {
        const given = await step(data, past, length, outputs, run);
        length += data.length / hidden;
        past = cacheOf(given);
        data = next;
      }
    },
    async withoutCache(tokens, run, steps) {
      let data = await prompt(tokens, run);
      const next = await embed([tokenizer.id('[SEG]')], run);
      for (let i = 0; i < steps; i++) {
        await step(data, emptyPast(), 0, ['logits'], run);
        data = Float32Array.from([...data, ...next]);
      }
    },
  };
}

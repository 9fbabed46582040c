import { describe, expect, it } from 'vitest';
import { hostTensor, type HostTensor } from '@maskloom/core';
import { fakeHost, fakeRun, fakeTokenizer, type FakeHost } from '@maskloom/core/conformance';
import { firstSentence, localModel } from './local-model.js';

const tokenizer = fakeTokenizer(['<|im_end|>']);
const VOCABULARY = 200;

/** A model that writes the same answer to everything, a letter a token; prompts are noted. */
function writing(answer: string, prompts: string[] = []): FakeHost {
  const port = (name: string, shape: (number | string)[]) => ({ name, dtype: 'float32' as const, shape });
  const whole = (name: string) => ({ name, dtype: 'int64' as const, shape: ['B', 'T'] });
  const ids = [...tokenizer.encode(answer), 0];
  let prompt = 0;
  return fakeHost({
    models: {
      tokenEmbedding: {
        inputs: [whole('input_ids')],
        outputs: [port('inputs_embeds', ['B', 'T', 1])],
        run: ({ input_ids }: Readonly<Record<string, HostTensor>>) => {
          const given = [...(input_ids?.data as BigInt64Array)].map(Number);
          return { inputs_embeds: hostTensor('float32', [1, given.length, 1], Float32Array.from(given)) };
        },
      },
      languageModel: {
        inputs: [
          port('inputs_embeds', ['B', 'T', 1]),
          whole('attention_mask'),
          whole('position_ids'),
          port('past_key_values.0.key', ['B', 1, 'past', 1]),
          port('past_key_values.0.value', ['B', 1, 'past', 1]),
        ],
        outputs: ['present.0.key', 'present.0.value'].map((name) => port(name, ['B', 1, 'past', 1])),
        run: (feeds: Readonly<Record<string, HostTensor>>) => {
          const count = feeds['inputs_embeds']?.dims[1] ?? 0;
          const past = feeds['past_key_values.0.key']?.dims[2] ?? 0;
          if (past === 0) {
            prompt = count;
            // A token's embedding is its id here.
            prompts.push(tokenizer.decode([...(feeds['inputs_embeds']?.data as Float32Array)]));
          }
          const logits = new Float32Array(count * VOCABULARY);
          logits[(count - 1) * VOCABULARY + (ids[past + count - prompt] ?? 0)] = 1;
          const cache = () => hostTensor('float32', [1, 1, past + count, 1], new Float32Array(past + count));
          return {
            logits: hostTensor('float32', [1, count, VOCABULARY], logits),
            hidden_states: hostTensor('float32', [1, count, 1], new Float32Array(count)),
            'present.0.key': cache(),
            'present.0.value': cache(),
          };
        },
      },
    },
    presets: { language: { hidden: 1, eos: '<|im_end|>', positions: 500 } },
    tokenizer,
  });
}

const open = (models: FakeHost, options = {}) =>
  localModel(options).open({ models, signal: new AbortController().signal, warn: () => undefined });

describe('localModel', () => {
  it('writes one whole sentence an attribute, and asks once for each', async () => {
    const prompts: string[] = [];
    const describer = await open(writing(' mostly  red. And more', prompts));
    const [apple] = await describer.describe(['apple'], 'all', fakeRun());
    expect(apple).toEqual([
      'The colour of an apple is mostly red.',
      'The shape of an apple is mostly red.',
      'The surface of an apple is mostly red.',
    ]);
    expect(await describer.describe(['apple'], 'shape-size', fakeRun())).toEqual([[apple?.[1]]]);
    expect(prompts).toHaveLength(3);
    expect(prompts[0]).toMatch(
      /^<\|im_start\|>user\nWhat does an apple look like\? .*assistant\nThe colour/s,
    );
  });

  it.each(['', ' red and', '...', ' 42.'])("refuses %j as a service's answer is refused", async (answer) => {
    const describer = await open(writing(answer), { maxNewTokens: 8 });
    await expect(describer.describe(['apple'], 'all', fakeRun())).rejects.toMatchObject({
      code: 'SERVICE_INVALID',
      message: expect.stringContaining("'apple'") as string,
    });
  });

  it('refuses words that the model cannot read', async () => {
    const describer = await open(writing(' red.'));
    await expect(describer.describe(['x'.repeat(600)], 'all', fakeRun())).rejects.toMatchObject({
      code: 'PROMPT_TOO_LONG',
    });
  });

  it('knows where a sentence ends', () => {
    expect(firstSentence(' about 2.5 metres tall. It')).toBe('about 2.5 metres tall.');
    expect(firstSentence('no end')).toBeUndefined();
  });
});

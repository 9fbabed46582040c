import { expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, MaskloomError, type ModelHost, type ModelSource } from '@maskloom/core';
import { full } from '@maskloom/read';
import { several, single, vanilla } from '@maskloom/stacked-seg';
import { folderBundle, onnx } from '@maskloom/runtime';

/** The embedded models with a tokenizer that lacks one token. */
function without(missing: string, source: ModelSource): ModelSource {
  const less = (host: ModelHost): ModelHost =>
    new Proxy(host, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key !== 'tokenizer') return typeof value === 'function' ? value.bind(target) : value;
        return async () => {
          const tokenizer = await target.tokenizer();
          return {
            encode: (text: string) => tokenizer.encode(text),
            decode: (ids: readonly number[]) => tokenizer.decode(ids),
            id: (token: string) => {
              if (token !== missing) return tokenizer.id(token);
              throw new MaskloomError('BUNDLE_INVALID', `the tokenizer has no token '${token}'`);
            },
          };
        };
      },
    });
  return { open: async (id, signal) => less(await source.open(id, signal)), dispose: () => source.dispose() };
}

it.each([full, single, several, vanilla])(
  'a tokenizer without [SEG] is refused when $system/$name is built, before any question',
  async (recipe) => {
    const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
    try {
      await expect(compose(recipe).on(without('[SEG]', models)).build()).rejects.toMatchObject({
        code: 'BUNDLE_INVALID',
        message: expect.stringContaining("'[SEG]'"),
      });
      await (await compose(recipe).on(without('[REJ]', models)).build()).dispose();
    } finally {
      await models.dispose();
    }
  },
);

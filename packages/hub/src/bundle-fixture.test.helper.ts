import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The files of a small Maskloom bundle, one model, and a file that is not part of it. */
export function bundleFixture(): Record<string, Buffer | string> {
  const model = readFileSync(new URL('../../runtime/fixtures/add.onnx', import.meta.url));
  const port = (name: string): object => ({ name, dtype: 'float32', shape: ['N', 2] });
  const manifest = {
    schema: 'maskloom.bundle/1',
    name: 'published',
    version: '1.0.0',
    license: 'Apache-2.0',
    origin: {},
    models: {
      add: {
        file: 'add.onnx',
        bytes: model.length,
        sha256: createHash('sha256').update(model).digest('hex'),
        dtype: 'float32',
        inputs: [port('x'), port('y')],
        outputs: [port('sum'), port('product')],
      },
    },
    presets: {},
    recipes: { 'test/one': { models: { adder: 'add' } } },
  };
  return { 'bundle.json': JSON.stringify(manifest), 'add.onnx': model, 'README.md': 'not part of it' };
}

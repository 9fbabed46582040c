// Opens, runs and disposes of sources (each with a worker of its own) in one process and prints its memory:
// `node --expose-gc lives.mjs COUNT MARK...`. One JSON line: resident memory after each MARK-th life, tensors left.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { folderBundle, onnx } from '@maskloom/runtime';
import { settledMemory } from './settled-memory.mjs';

const [count = 0, ...marks] = process.argv.slice(2).map(Number);
const resident = {};
let liveTensors = 0;

for (let life = 1; life <= count; life++) {
  const source = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
  const host = await source.open('read/full');
  const session = await host.model('tokenEmbedding');
  const ids = { dtype: 'int64', dims: [1, 3], data: new BigInt64Array([1n, 2n, 3n]) };
  // The outputs are never released by hand: disposal must.
  const { inputs_embeds: embedded } = await session.run({ input_ids: ids }, { scope: host.scope() });
  await embedded.read();
  await source.dispose();
  liveTensors += source.liveTensors;
  if (marks.includes(life)) resident[life] = await settledMemory();
}
console.log(JSON.stringify({ resident, liveTensors }));

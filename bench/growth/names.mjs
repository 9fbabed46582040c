// Names written by ROSE's language model, one for each proposal, in batches.
import { localTensor } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { decodeEmbedding } from '@maskloom/rose';
import { generator } from '../lib/mask-data.mjs';
import { openModels } from '../lib/stage.mjs';

/** @param count - of proposals */
export async function run(count) {
  const models = await openModels().open('rose/patch');
  const context = { models, signal: new AbortController().signal, warn: () => undefined };
  const namer = await decodeEmbedding().create(context);
  const { hidden } = namer.widths;
  const draw = generator(3);
  const values = Float32Array.from({ length: count * hidden }, () => draw() - 0.5);
  const embeddings = localTensor([count, hidden], values);
  const names = await namer.name({ embeddings }, fakeRun({ scope: models.scope() }));
  if (names.length !== count) throw new Error('A proposal has no name.');
}

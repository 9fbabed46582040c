// Names that somebody wrote, each taken for the class whose text is nearest.
import { fakeRun } from '@maskloom/core/conformance';
import { siglipSimilarity } from '@maskloom/rose';
import { openModels } from '../lib/stage.mjs';

const CLASSES = 100;

/** @param count - of names, all different */
export async function run(count) {
  const models = await openModels().open('rose/patch');
  const context = { models, signal: new AbortController().signal, warn: () => undefined };
  const mapper = await siglipSimilarity().create(context);
  const names = Array.from({ length: count }, (_, i) => `thing ${i.toString(36)}`);
  const classes = Array.from({ length: CLASSES }, (_, i) => `class ${i.toString(36)}`);
  const matches = await mapper.map(names, classes, fakeRun({ scope: models.scope() }));
  if (matches.some(({ label }) => label === undefined)) throw new Error('A name has no class.');
}

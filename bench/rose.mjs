// ROSE: N masks in one decoder call against N calls, N names in one batch against one by one; both beside the bare model
// calls that the batch makes, which are the least that any program could spend.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { fakeRun } from '@maskloom/core/conformance';
import { siglipTower } from '@maskloom/clip';
import { oneVisionLanguageModel } from '@maskloom/llava';
import { decodeEmbedding, gather, patchAnalyzer, selectPatches } from '@maskloom/rose';
import { folderBundle, openBundle } from '@maskloom/runtime';
import { samEncoder, samMaskDecoder } from '@maskloom/sam';
import { inTurns, ms, ratio } from './lib/measure.mjs';
import { bareSessions, recording } from './lib/record.mjs';
import { image, openModels } from './lib/stage.mjs';

const RECIPE = 'rose/patch';
const COUNT = 100;

/** @returns rows of the report */
export async function measure({ rounds, bundle = bundleDirectory }) {
  const models = openModels(bundle);
  const calls = [];
  const host = await models.open(RECIPE);
  const noted = await recording(models, calls).open(RECIPE);
  const run = fakeRun({ scope: host.scope() });
  const made = (spec, from = host) =>
    spec.create({ models: from, signal: run.signal, warn: () => undefined });
  const sample = image();
  const { features, embeddings } = await propose(made, sample, run);

  const decoder = await made(samMaskDecoder());
  const prompts = Array.from({ length: COUNT }, (_, row) => ({
    embedding: { tensor: embeddings.mask, row },
  }));
  const namer = await made(decodeEmbedding());
  const rows = await embeddings.category.read();
  const width = rows.length / COUNT;
  const single = (n) => ({
    ...embeddings.category,
    dims: [1, width],
    read: async () => rows.slice(n * width, (n + 1) * width),
  });
  const together = await namer.name({ embeddings: embeddings.category }, run);
  const alone = [];
  for (let n = 0; n < COUNT; n++) alone.push(...(await namer.name({ embeddings: single(n) }, run)));
  const same = together.filter(({ name }, n) => name === alone[n].name).length;

  // What the batches ask of the models. The shared beginning of the names is read before: it is read once in all.
  await (await made(samMaskDecoder(), noted)).decode(features, prompts, run);
  const maskCalls = calls.splice(0);
  await (await made(samMaskDecoder(), noted)).decode(features, prompts.slice(0, 1), run);
  const oneMask = calls.splice(0);
  const recordedNamer = await made(decodeEmbedding(), noted);
  await recordedNamer.name({ embeddings: single(0) }, run);
  calls.length = 0;
  await recordedNamer.name({ embeddings: single(0) }, run);
  const oneName = calls.splice(0);
  await recordedNamer.name({ embeddings: embeddings.category }, run);
  const { path } = await paths(bundle);
  const bare = {
    masks: await bareSessions(maskCalls, path, 1),
    'masks one by one': await bareSessions(oneMask, path, 1),
    names: await bareSessions(calls, path, 1),
    'names one by one': await bareSessions(oneName, path, 1),
  };
  const repeated = async (work) => {
    for (let n = 0; n < COUNT; n++) await work.play();
  };

  const spent = await inTurns(
    {
      masks: () => decoder.decode(features, prompts, run),
      'masks one by one': async () => {
        for (const prompt of prompts) await decoder.decode(features, [prompt], run);
      },
      'masks bare': () => bare.masks.play(),
      'masks one by one bare': () => repeated(bare['masks one by one']),
      names: () => namer.name({ embeddings: embeddings.category }, run),
      'names one by one': async () => {
        for (let n = 0; n < COUNT; n++) await namer.name({ embeddings: single(n) }, run);
      },
      // A stage made anew has read nothing: each name reads its whole prompt, as asking a language model does.
      'names alone': async () => {
        for (let n = 0; n < COUNT; n++)
          await (await made(decodeEmbedding())).name({ embeddings: single(n) }, run);
      },
      'names bare': () => bare.names.play(),
      'names one by one bare': () => repeated(bare['names one by one']),
    },
    rounds,
  );
  for (const sessions of Object.values(bare)) await sessions.close();
  run.scope.release();
  await models.dispose();
  return [
    row(`${COUNT} masks in one decoder call, times faster than ${COUNT} calls`, spent, 'masks', 3),
    {
      name: `${COUNT} names in one batch with a shared prefix, times faster than one by one, each with its whole prompt`,
      value: ratio(spent['names alone'] / spent.names),
      aim: '>= 8',
      good: spent['names alone'] / spent.names >= 8,
      detail: `${ms(spent.names)} against ${ms(spent['names alone'])}`,
    },
    row(`the same against one by one that share the prefix too`, spent, 'names'),
    {
      name: `of these names, the same text one by one`,
      value: `${same} of ${COUNT}`,
      aim: `${COUNT}`,
      good: same === COUNT,
      detail: `${new Set(together.map(({ name }) => name)).size} different names`,
    },
  ];
}

function row(name, spent, what, aim) {
  const faster = spent[`${what} one by one`] / spent[what];
  const bare = spent[`${what} bare`];
  const bareOnes = spent[`${what} one by one bare`];
  const limit = spent[`${what} one by one`] / bare;
  return {
    name,
    value: ratio(faster),
    ...(aim === undefined ? {} : { aim: `>= ${aim}`, good: faster >= aim }),
    detail: `${ms(spent[what])} against ${ms(spent[`${what} one by one`])}; bare sessions ${ms(bare)}, so at most ${ratio(limit)}; one by one they take ${ms(bareOnes)}, ${ratio(bareOnes / bare)}: the models' own part of the gain`,
  };
}

/** Mask features of an image and the embeddings of its best patches. */
async function propose(made, sample, run) {
  const tokens = await (await made(siglipTower())).encode(sample, run);
  const session = await (await made(oneVisionLanguageModel())).read(tokens, run, { task: 'free' });
  const proposals = await (await made(patchAnalyzer())).analyze(session.imageStates, run);
  const patches = selectPatches({ ...proposals, threshold: 0 }, { limit: COUNT });
  return {
    features: await (await made(samEncoder())).encode(sample, run),
    embeddings: await gather(proposals, patches),
  };
}

/** The files of the recipe's models by role. */
async function paths(bundle) {
  const opened = await openBundle(folderBundle(bundle));
  return { path: (role) => opened.model(RECIPE, role).path };
}

// Runs the built packages as a job says, and writes what came out: results.json, one entry a step, and the tensors
// beside it as raw float32.
//
//     node training/large/parity/stages.mjs JOB.json
//
// Job: { bundle: FOLDER | { hub: 'owner/name' }, out: FOLDER, threads, steps }. Steps: `segment` (a whole recipe),
// `encode` (a vision stage), `ask` (a language model that sees), `embed` (a text stage), `run` (a graph by its role).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clipDense, clipText, clipTower, siglipText, siglipTower } from '@maskloom/clip';
import { Assembler, compose, LanguageModel, wrapStage } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { hubBundle } from '@maskloom/hub';
import { llavaLanguageModel, oneVisionLanguageModel } from '@maskloom/llava';
import { full, seg } from '@maskloom/read';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { prompted, thresholdAssembler } from '@maskloom/sam';
import { several, single } from '@maskloom/stacked-seg';

const STAGES = [clipTower, clipDense, siglipTower, clipText, siglipText, oneVisionLanguageModel];
const RECIPES = [prompted, single, several, seg, full];

const job = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const bundle = typeof job.bundle === 'string' ? folderBundle(job.bundle) : hubBundle(job.bundle.hub, job.bundle);
const models = onnx({ bundle, device: 'cpu', threads: job.threads ?? 1 });

let files = 0;
/** Writes a tensor; gives where it is. */
async function keep(tensor) {
  return keepValues(await tensor.read(), tensor.dims);
}
function keepValues(values, dims) {
  const file = `${files++}.f32`;
  writeFileSync(join(job.out, file), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return { file, dims };
}

/** A recipe over one image; of a language model also the states that it gives. */
async function segment({ recipe, image, request, maxNewTokens }) {
  const states = {};
  const chosen = RECIPES.find(({ system, name }) => `${system}/${name}` === recipe);
  let builder = compose(chosen).with(Assembler, thresholdAssembler({ minArea: 0 }));
  if (chosen.stages.LanguageModel !== undefined) {
    const watched = wrapStage(llavaLanguageModel({ maxNewTokens }), {
      read: async (inner, ...given) => {
        const session = await inner.read(...given);
        states.image = await keep(session.imageStates.tensor);
        return {
          imageStates: session.imageStates,
          answer: async (...asked) => {
            const answer = await session.answer(...asked);
            states.ids = answer.tokenIds;
            states.emitted = await Promise.all(answer.emitted.map(({ state }) => keep(state)));
            return answer;
          },
        };
      },
    });
    builder = builder.with(LanguageModel, watched);
  }
  const pipeline = await builder.on(models).build();
  const prompts = request.prompts?.map(({ points, box }) => ({ ...(points && { points: typed(points) }), ...(box && { box }) }));
  const { answer, segments } = await pipeline.segment(await loadImage(image), { ...request, ...(prompts && { prompts }) });
  await pipeline.dispose();
  return {
    answer,
    states,
    segments: segments.map(({ mask, score, evidence }) => {
      const { xy = [], labels = [] } = evidence?.points ?? {};
      return { mask, score, points: { xy: [...xy], labels: [...labels] } };
    }),
  };
}

/** Points of the job as the SDK has them. */
function typed({ frame, xy, labels }) {
  return { frame, xy: Float32Array.from(xy), labels: Int8Array.from(labels) };
}

async function opened({ recipe, stage }) {
  const context = { models: await models.open(recipe), signal: new AbortController().signal, warn: console.error };
  return STAGES.find(({ stageName }) => stageName === stage)().create(context);
}

async function encode(step) {
  const stage = await opened(step);
  const { tensor } = await stage.encode(await loadImage(step.image), fakeRun());
  return keep(tensor);
}

/** A picture and a question to LLaVA-OneVision by itself. */
async function ask({ recipe, image, text, maxNewTokens }) {
  const tower = await opened({ recipe, stage: 'clip/siglip-tower' });
  const model = await opened({ recipe, stage: 'llava/onevision-language-model' });
  const features = await tower.encode(await loadImage(image), fakeRun());
  const session = await model.read(features, fakeRun(), { text });
  const kept = await keep(session.imageStates.tensor);
  const answer = await session.answer({ text, watch: [], maxNewTokens }, fakeRun());
  return { image: kept, ids: answer.tokenIds };
}

async function embed(step) {
  const stage = await opened(step);
  const { values, count, width } = await stage.embed(
    step.texts.map((text) => [text]),
    fakeRun(),
  );
  return keepValues(values, [count, width]);
}

/** A float32 or int64 tensor of the job's folder. */
function fed({ file, dims, dtype }) {
  const { buffer } = new Uint8Array(readFileSync(join(job.out, file)));
  return { dims, dtype, data: dtype === 'int64' ? new BigInt64Array(buffer) : new Float32Array(buffer) };
}

async function run({ recipe, role, feeds, outputs }) {
  const host = await models.open(recipe);
  const session = await host.model(role);
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, given]) => [name, fed(given)]));
  const given = await session.run(inputs, { scope: host.scope(), outputs });
  const kept = {};
  for (const name of outputs) kept[name] = await keep(given[name]);
  return kept;
}

const KINDS = { segment, encode, ask, embed, run };
const results = [];
for (const step of job.steps) results.push(await KINDS[step.kind](step));
writeFileSync(join(job.out, 'results.json'), JSON.stringify(results));
await models.dispose();

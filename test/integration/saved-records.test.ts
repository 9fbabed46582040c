import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import {
  compose,
  recipeId,
  type ConversationRecord,
  type ImageFrame,
  type Prediction,
  type SegmentRequest,
  type Task,
} from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { compareImages, createDefaultRegistry, predictionsSchema } from 'maskloom';
import { tmpdir } from 'node:os';
import sharp from 'sharp';

/** Every recipe that the embedded bundle has weights for. */
const manifest = JSON.parse(await readFile(new URL('bundle.json', bundleDirectory), 'utf8')) as {
  recipes: Record<string, unknown>;
};
const recipes = createDefaultRegistry()
  .systems()
  .flatMap((entry) => entry.recipes)
  .filter((recipe) => recipeId(recipe) in manifest.recipes);
const cases = recipes.flatMap((recipe) =>
  recipe.tasks.map((task) => [recipeId(recipe), task, recipe] as const),
);

const { rgb, width, height, things } = makeScene(8_930_001, 128, 96);
const image: ImageFrame = { rgb, width, height, sha256: 'saved records' };
const [x = 0, y = 0, w = 9, h = 9] = things[0]?.bbox ?? [];
const box = { frame: 'ImagePx', x, y, width: w, height: h } as const;

/** A request with every kind of value that its task allows. */
function requestFor(task: Task): SegmentRequest {
  if (task === 'referring' || task === 'reasoning') return { task, text: `the ${things[0]?.shape}` };
  if (task === 'semantic') return { task, labels: ['ring', 'star', 'sky', 'grass'] };
  if (task !== 'prompted') return { task };
  const points = {
    frame: 'ImagePx',
    xy: Float32Array.of(x + w / 2, y + h / 2),
    labels: Int8Array.of(1),
  } as const;
  return {
    task,
    prompts: [
      { box, label: 'a thing' },
      { box, points },
    ],
  };
}

/** Keys of objects that were arrays before they were written. */
function numericKeys(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value).filter((key) => /^\d+$/.test(key));
  return [...own, ...Object.values(value).flatMap(numericKeys)];
}

let models: OnnxSource;
let folder: string;
beforeAll(async () => {
  models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
  folder = await mkdtemp(join(tmpdir(), 'maskloom-saved-'));
  await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(folder, 'a.png'));
});
afterAll(async () => {
  await models.dispose();
  await rm(folder, { recursive: true });
});

it('covers every recipe of the embedded bundle', () => {
  expect(new Set(cases.map(([id]) => id))).toEqual(new Set(Object.keys(manifest.recipes)));
});

describe.each(cases)('%s, %s', (id, task, recipe) => {
  it('saves a conversation that loads again, the same to the byte', async () => {
    await using pipeline = await compose(recipe).on(models).build();
    const talk = pipeline.converse(image);
    const asked: Prediction = await talk.ask(requestFor(task));
    if (asked.segments.length > 0) {
      await talk.say('make it a bit larger', { segment: 0 });
      await talk.say('call it a saved thing', { segment: 0 });
      await talk.say('thanks');
      await talk.say('delete it', { segment: 0 });
      await talk.say('undo');
    }
    if (recipe.stages.Refiner !== undefined) await talk.say('look here', { box, situation: 'missed' });
    const saved = JSON.stringify(talk.save());
    expect(saved).not.toContain('evidence');
    expect(numericKeys(JSON.parse(saved))).toEqual([]);
    const again = pipeline.converse(image, { from: JSON.parse(saved) as ConversationRecord });
    expect(JSON.stringify(again.save())).toBe(saved);
    expect(again.steps.length + again.undone.length).toBe(talk.steps.length + talk.undone.length);

    // As the first releases wrote it: with what led to the prediction, typed arrays as objects.
    const old = JSON.parse(saved) as { steps: { prediction: object }[] };
    const [first] = old.steps;
    if (first !== undefined) {
      const { evidence, segments } = JSON.parse(JSON.stringify(asked)) as Prediction;
      Object.assign(first.prediction, { segments, ...(evidence === undefined ? {} : { evidence }) });
    }
    const restored = pipeline.converse(image, { from: old as unknown as ConversationRecord });
    expect(JSON.stringify(restored.save())).toBe(saved);
    expect(id).toBe(pipeline.id);
  });
});

it.each([...new Set(cases.map(([, task]) => task))])(
  'writes predictions of task %s that are read again, the same to the byte',
  async (task) => {
    const out = join(folder, task);
    const { text, labels, prompts } = requestFor(task);
    const systems = cases.filter(([, able]) => able === task).map(([id]) => id);
    await compareImages({
      images: [join(folder, 'a.png')],
      ...{ systems, task, device: 'cpu', out },
      ...(text === undefined ? {} : { text }),
      ...(labels === undefined ? {} : { labels }),
      ...(prompts === undefined ? {} : { prompts }),
    });
    const written = JSON.parse(await readFile(join(out, 'predictions.json'), 'utf8')) as unknown;
    expect(numericKeys(written)).toEqual([]);
    const read = predictionsSchema.parse(written);
    expect(JSON.stringify(read)).toBe(JSON.stringify(written));
    expect(read.runs.map(({ system, recipe }) => `${system}/${recipe}`)).toEqual(systems);
  },
);

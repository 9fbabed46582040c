import { z } from 'zod';
import { fakeTensor } from '../conformance/fake-tensor.js';
import type { FakeModel } from '../conformance/fake-host.js';
import { hostTensor } from '../domain/host-tensor.js';
import type { FeatureMap } from '../domain/feature-map.js';
import type { ImageFrame } from '../domain/image-frame.js';
import { defineRecipe } from '../define-recipe.js';
import { Encoder, LanguageModel, PointPrompter } from '../slots/slot.js';
import type { RunContext } from '../slots/stage.js';
import { defineStage } from '../stage/define-stage.js';

/** What toy stages did, in order. */
export const newLog = (): string[] => [];

/** Doubles its input; one call per encoding. */
export const toyModel: FakeModel = {
  inputs: [{ name: 'x', dtype: 'float32', shape: [1] }],
  outputs: [{ name: 'y', dtype: 'float32', shape: [1, 1, 1, 1] }],
  run: ({ x }) => ({ y: hostTensor('float32', [1, 1, 1, 1], Float32Array.of(Number(x?.data[0]) * 2)) }),
};

/** Features of one cell around a tensor. */
export function features(image: ImageFrame, tensor: FeatureMap['tensor']): FeatureMap {
  const size = { width: image.width, height: image.height };
  const transform = {
    frame: 'SamPx',
    original: size,
    resized: size,
    input: size,
    scaleX: 1,
    scaleY: 1,
    offsetX: 0,
    offsetY: 0,
  } as const;
  return { space: 'toy', layout: 'grid', tensor, width: 1, rows: 1, columns: 1, transform };
}

/** Runs the model `encoder` of the host on the image's first value. */
export const toyEncoder = (log: string[], widths?: Readonly<Record<string, number>>) =>
  defineStage({
    slot: Encoder,
    name: 'toy/encoder',
    summary: 'Encodes the first value.',
    options: z.object({ model: z.string().default('encoder') }),
    needs: ['image'],
    gives: ['mask-features'],
    async create(options, { models }) {
      const session = await models.model(options.model);
      log.push('make encoder');
      return {
        cacheKey: 'toy/encoder',
        device: session.device,
        ...(widths === undefined ? {} : { widths }),
        async encode(image: ImageFrame, run: RunContext) {
          log.push('encode');
          const x = hostTensor('float32', [1], Float32Array.of(image.rgb[0] ?? 0));
          const { y } = await session.run({ x }, { scope: run.scope, signal: run.signal });
          return features(image, y ?? fakeTensor('float32', [0], new Float32Array(0)));
        },
        dispose: () => void log.push('dispose encoder'),
      };
    },
  });

/** Answers with the text it was asked; `read` and `answer` are both traced. */
export const toyLanguage = (log: string[], widths?: Readonly<Record<string, number>>) =>
  defineStage({
    slot: LanguageModel,
    name: 'toy/language',
    summary: 'Repeats what it is asked.',
    options: z.object({}),
    needs: ['mask-features'],
    gives: ['text', 'query-state'],
    create() {
      log.push('make language');
      return {
        hiddenWidth: 1,
        ...(widths === undefined ? {} : { widths }),
        read: async (map: FeatureMap) => ({
          imageStates: map,
          answer: async ({ text }: { text: string }) => ({
            text,
            tokenIds: [],
            emitted: [],
            truncated: false,
          }),
        }),
        dispose: () => void log.push('dispose language'),
      };
    },
  });

/** Gives no points; what it does on each call is chosen by the test. */
export const toyPrompter = (log: string[], onCall: (run: RunContext) => unknown = () => undefined) =>
  defineStage({
    slot: PointPrompter,
    name: 'toy/prompter',
    summary: 'Gives no points.',
    options: z.object({}),
    needs: ['query-state'],
    gives: ['point-prompt'],
    create() {
      log.push('make prompter');
      return {
        async prompt(_query: unknown, run: RunContext) {
          log.push('prompt');
          await onCall(run);
          return { points: { frame: 'ImagePx' as const, xy: new Float32Array(0), labels: new Int8Array(0) } };
        },
        dispose: () => void log.push('dispose prompter'),
      };
    },
  });

/** Encoder, language model and prompter in a row; the answer is the text and the encoded value. */
export function toyRecipe(log: string[], onPrompt?: (run: RunContext) => unknown, name = 'chain') {
  return defineRecipe({
    system: 'toy',
    name,
    summary: 'A chain of three stages.',
    tasks: ['referring', 'free'],
    wiring: {
      Encoder: { supplies: ['image'], demands: ['mask-features'] },
      LanguageModel: { supplies: ['mask-features'], demands: ['query-state'] },
      PointPrompter: { supplies: ['query-state', 'image-states'], demands: ['point-prompt'] },
    },
    stages: {
      Encoder: toyEncoder(log)(),
      LanguageModel: toyLanguage(log)(),
      PointPrompter: toyPrompter(log, onPrompt)(),
    },
    async run(stages, image, request, run) {
      const map = await stages.Encoder.encode(image, run);
      const session = await stages.LanguageModel.read(map, run);
      const { text } = await session.answer({ text: request.text ?? '', watch: [] }, run);
      await stages.PointPrompter.prompt({ query: map.tensor, imageStates: map }, run);
      const [value] = await map.tensor.read();
      return { answer: `${text} ${value}`, segments: [] };
    },
  });
}

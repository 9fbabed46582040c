import { describe, expect, it } from 'vitest';
import {
  encodeMask,
  localTensor,
  type DecodedMasks,
  type FeatureMap,
  type MaskLabel,
  type MaskPrompt,
  type SegmentRequest,
} from '@maskloom/core';
import { fakeImage, fakeRun } from '@maskloom/core/conformance';
import { roseRun, type RoseAnswer, type RosePrompt, type RoseStages } from './run-rose.js';

const size = { width: 8, height: 8 };
const transform = {
  frame: 'ClipPx',
  original: size,
  resized: size,
  input: size,
  scaleX: 1,
  scaleY: 1,
  offsetX: 0,
  offsetY: 0,
} as const;
const image = fakeImage(8, 8);

/** A 2 x 2 grid of patches with the given objectness; each stage notes its call. */
function toy(objectness: readonly number[], names: readonly string[] = ['star', 'ring', 'sky', 'moon']) {
  const log: string[] = [];
  const note = (what: string): void => void log.push(what);
  const map = (space: string): FeatureMap => ({
    space,
    layout: 'tokens',
    tensor: localTensor([1, 4, 1], new Float32Array(4)),
    width: 1,
    rows: 2,
    columns: 2,
    transform,
  });
  const stages = {
    Encoder: {
      cacheKey: 'e',
      encode: async () => (note('sam'), { ...map('sam'), transform: { ...transform, frame: 'SamPx' } }),
    },
    VisionEncoder: { cacheKey: 'v', encode: async () => (note('siglip'), map('siglip')) },
    LanguageModel: {
      hiddenWidth: 1,
      read: async (_: unknown, __: unknown, purpose: object) => {
        note(`read ${JSON.stringify(purpose)}`);
        return {
          imageStates: map('states'),
          answer: async () => (
            note('answer'),
            { text: 'There are 2.', tokenIds: [1], emitted: [], truncated: false }
          ),
        };
      },
    },
    PatchAnalyzer: {
      analyze: async () => ({
        rows: 2,
        columns: 2,
        objectness: Float32Array.from(objectness),
        maskEmbeddings: localTensor([4, 1], Float32Array.of(0, 1, 2, 3)),
        categoryEmbeddings: localTensor([4, 1], Float32Array.of(0, 1, 2, 3)),
        textEmbeddings: localTensor([4, 2], Float32Array.of(1, 0, 0.6, 0.8, 0, 1, -1, 0)),
        limit: 3,
        threshold: 0.1,
      }),
    },
    TextEmbedder: { embed: async () => ({ count: 1, width: 2, values: Float32Array.of(0.6, 0.8) }) },
    MaskDecoder: {
      embeddingWidth: 1,
      decode: async (_: unknown, prompts: readonly MaskPrompt[]): Promise<DecodedMasks> => {
        note(`decode ${prompts.length}`);
        for (const { points } of prompts)
          if (points) note(`point ${[...points.xy, ...points.labels].join(' ')}`);
        return {
          logits: new Float32Array(prompts.length).fill(1),
          count: prompts.length,
          width: 1,
          height: 1,
          quality: new Float32Array(prompts.length),
          transform: { ...transform, frame: 'SamPx' },
        };
      },
    },
    CategoryGenerator: {
      name: async ({
        embeddings,
        candidates,
      }: {
        embeddings: { read(): Promise<Float32Array> };
        candidates?: string[];
      }) => {
        const rows = await embeddings.read();
        note(`name ${[...rows].join(' ')}${candidates === undefined ? '' : ` of ${candidates.join(' ')}`}`);
        return [...rows].map((row) => ({ name: names[row] ?? '', score: 1 }));
      },
    },
    LabelMapper: {
      map: async (given: readonly string[], labels: readonly string[]) => {
        note('map');
        return given.map((name) => ({
          label: labels.find((one) => one[0] === name[0]),
          score: 1,
          how: 'letter',
        }));
      },
    },
    Assembler: {
      survivors: (_: unknown, scores: readonly number[]) =>
        scores.flatMap((score, n) => (score === 0.5 ? [] : [n])),
      assemble: async (masks: DecodedMasks, labels: readonly MaskLabel[], _: unknown, task?: string) => {
        note(`assemble ${masks.count} ${task}`);
        return labels.map(({ label, score = 0, evidence = {} }) => ({
          label,
          score,
          bbox: [0, 0, 0, 0] as const,
          area: 0,
          mask: encodeMask(new Uint8Array(64), 8, 8),
          evidence,
        }));
      },
    },
  };
  const run = async (request: SegmentRequest, by: RoseAnswer = 'count', prompt: RosePrompt = 'embedding') => {
    const result = await roseRun(by, prompt)(stages as unknown as RoseStages, image, request, fakeRun());
    return { ...result, labels: result.segments.map(({ label }) => label), log };
  };
  return run;
}

describe('roseRun', () => {
  it('decodes the best patches in one call and names only what survives', async () => {
    const { answer, labels, log, evidence, segments } = await toy([0.9, 0.05, 0.5, 0.7])({ task: 'free' });
    expect(log).toEqual([
      'siglip',
      'read {"task":"free","text":"","states":true}',
      'answer',
      'sam',
      'decode 3',
      'name 0 3',
      'assemble 2 free',
    ]);
    expect(answer).toBe('There are 2.');
    expect(labels).toEqual(['star', 'moon']);
    expect(evidence?.patches?.map(({ row, column }) => [row, column])).toEqual([
      [0, 0],
      [1, 1],
      [1, 0],
    ]);
    expect(evidence?.heat?.values[0]).toBeCloseTo(0.9, 6);
    expect(segments[1]?.evidence?.patch).toMatchObject({ row: 1, column: 1 });
  });

  it('runs neither SAM nor the naming when nothing fires', async () => {
    const { answer, segments, evidence, log } = await toy([0, 0.05, 0, 0])({ task: 'instance' });
    expect(log).toEqual(['siglip', 'read {"task":"instance","text":"","states":true}', 'answer']);
    expect([answer, segments, evidence?.patches]).toEqual(['There are 2.', [], []]);
    expect(evidence?.heat?.rows).toBe(2);
  });

  it('proposes only where the request points', async () => {
    const box = { frame: 'ImagePx', x: 4, y: 0, width: 4, height: 8 } as const;
    const { labels } = await toy([0.9, 0.8, 0.9, 0.7])({ task: 'free', prompts: [{ box }] });
    expect(labels).toEqual(['ring', 'moon']);
  });

  it('refers to the patch that is both an object and like the phrase, and counts nothing', async () => {
    // Cosines .6, 1, .8, -.6: patch 2 wins over patch 1 by its objectness.
    const { labels, answer, log, evidence } = await toy([0.9, 0.5, 0.8, 1])({
      task: 'referring',
      text: 'the ring',
    });
    expect(labels).toEqual(['the ring']);
    expect(answer).toBe('');
    expect(evidence?.patches).toMatchObject([{ row: 1, column: 0 }]);
    expect(log).toContain('decode 1');
    expect(log.some((line) => line.startsWith('name') || line === 'answer')).toBe(false);
  });

  it('brings names to the labels of the request, and lets go what fits none', async () => {
    const run = toy([0.9, 0.8, 0.7, 0]);
    const { labels, log } = await run({ task: 'semantic', labels: ['sun', 'ruby'] });
    expect(log).toContain('name 0 1 2 of sun ruby');
    expect(log).toContain('map');
    expect(labels).toEqual(['sun', 'ruby', 'sun']);
    const fewer = await toy([0.9, 0.8, 0.7, 0])({ task: 'semantic', labels: ['sun'] });
    expect(fewer.labels).toEqual(['sun', 'sun']);
    expect(fewer.log.at(-1)).toBe('assemble 2 semantic');
  });

  it('takes a label with synonyms by its first name', async () => {
    const { labels, log } = await toy([0.9, 0.8, 0, 0])({ task: 'semantic', labels: ['sun|star', 'ring'] });
    expect(log).toContain('name 0 1 of sun star ring');
    expect(labels).toEqual(['sun', 'ring']);
  });

  it('answers with the names where these are written along the regions', async () => {
    const { answer, log } = await toy([0.9, 0, 0, 0.7])({ task: 'free' }, 'names');
    expect(answer).toBe('star, moon');
    expect(log).not.toContain('answer');
  });
});

describe('the control with points in place of mask embeddings', () => {
  it('prompts by one positive point at the middle of each patch that survives the filter', async () => {
    const { log, labels } = await toy([0.9, 0.05, 0.3, 0.6])({ task: 'free' }, 'count', 'centre');
    // 2 x 2 patches of 4 x 4 pixels, the best first; the second lies under the threshold.
    expect(log.filter((line) => line.startsWith('point'))).toEqual([
      'point 2 2 1',
      'point 6 6 1',
      'point 2 6 1',
    ]);
    expect(labels).toEqual(['star', 'moon', 'sky']);
  });

  it('gives no points otherwise', async () => {
    const { log } = await toy([0.9, 0.05, 0.3, 0.6])({ task: 'free' });
    expect(log.filter((line) => line.startsWith('point'))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  encodeMask,
  localTensor,
  type DecodedMasks,
  type EmittedState,
  type FeatureMap,
  type MaskLabel,
} from '@maskloom/core';
import { conformanceCases, fakeImage, fakeRun } from '@maskloom/core/conformance';
import { runStacked, targetsOf, type StackedStages } from './run-stacked.js';
import { stackedAssembler } from './task-assembler.js';

const emit = (index: number, textBefore: string): EmittedState => ({
  token: '[SEG]',
  index,
  textBefore,
  state: localTensor([1, 1], Float32Array.of(index)),
});
/** "star [SEG] , red grass [SEG] [SEG]" in token places 0 to 6. */
const emitted = [emit(1, 'star'), emit(5, ', red grass'), emit(6, '')];
const chances = [0.5, 1, 0.8, 0.5, 0.5, 1, 1];

describe('targetsOf', () => {
  it('takes names between [SEG], runs as one target, and the chances of the words alone', () => {
    expect(targetsOf({ emitted, chances })).toEqual([
      { name: 'star', score: 0.5, places: [0] },
      { name: 'red grass', score: 0.2, places: [1, 2] },
    ]);
  });

  it('gives a target without words no score', () => {
    expect(targetsOf({ emitted: [emit(0, '')], chances: [1] })).toEqual([
      { name: 'unknown', score: 0, places: [0] },
    ]);
    expect(targetsOf({ emitted: [], chances: [] })).toEqual([]);
  });
});

describe('runStacked', () => {
  const size = { width: 2, height: 1 };
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
  const stages = (written: readonly EmittedState[], log: string[]) =>
    ({
      Encoder: { encode: async () => (log.push('sam'), {} as FeatureMap) },
      VisionEncoder: { encode: async () => ({}) as FeatureMap },
      LanguageModel: {
        read: async () => ({
          answer: async () => ({ text: 'said', tokenIds: [], chances, emitted: written, truncated: false }),
        }),
      },
      QueryProjector: {
        project: async (states: readonly unknown[]) =>
          localTensor([states.length, 1, 1], new Float32Array(states.length)),
      },
      MaskDecoder: {
        decode: async (_: unknown, prompts: readonly unknown[]): Promise<DecodedMasks> => {
          log.push(`decode ${prompts.length}`);
          const logits = Float32Array.from({ length: 2 * prompts.length }, (_, i) => i + 1);
          const quality = Float32Array.of(0.1, 0.2, 0.4);
          return { logits, quality, count: prompts.length, width: 2, height: 1, transform };
        },
      },
      Assembler: {
        assemble: async (masks: DecodedMasks, labels: readonly MaskLabel[]) => {
          log.push(`masks ${[...masks.logits].join(' ')}`);
          return labels.map(({ label, score = 0 }) => ({
            label,
            score,
            bbox: [0, 0, 0, 0] as const,
            area: 0,
            mask: encodeMask(new Uint8Array(2), 2, 1),
          }));
        },
      },
    }) as unknown as StackedStages;

  it('decodes all [SEG] in one call and averages the logits of a run', async () => {
    const log: string[] = [];
    const result = await runStacked(stages(emitted, log), fakeImage(2, 1), { task: 'free' }, fakeRun());
    expect(log).toEqual(['sam', 'decode 3', 'masks 1 2 4 5']);
    expect(result.segments.map(({ label, score }) => [label, score])).toEqual([
      ['star', 0.5],
      ['red grass', 0.2],
    ]);
  });

  it('finds nothing in an answer without [SEG], and leaves the image alone', async () => {
    const log: string[] = [];
    const result = await runStacked(stages([], log), fakeImage(2, 1), { task: 'free' }, fakeRun());
    expect(result).toEqual({ answer: 'said', segments: [], refused: true });
    expect(log).toEqual([]);
  });

  it('says that it does not look at regions', async () => {
    const box = { frame: 'ImagePx', x: 0, y: 0, width: 1, height: 1 } as const;
    const run = fakeRun();
    await runStacked(stages(emitted, []), fakeImage(2, 1), { task: 'free', prompts: [{ box }] }, run);
    expect(run.warnings).toEqual([expect.stringContaining('regions pointed at were ignored')]);
    const quiet = fakeRun();
    await runStacked(stages(emitted, []), fakeImage(2, 1), { task: 'free' }, quiet);
    expect(quiet.warnings).toEqual([]);
  });
});

describe('stackedAssembler', () => {
  it.each(conformanceCases('Assembler', stackedAssembler()).map((c) => [c.name, c] as const))('%s', (_, c) =>
    c.run(),
  );
});

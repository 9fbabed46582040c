import { describe, expect, it } from 'vitest';
import type {
  DecodedMasks,
  FeatureMap,
  ImageFrame,
  ImageTransform,
  LanguageAnswer,
  MaskLabel,
  MaskPrompt,
  RunContext,
  Segment,
  Tensor,
} from '@maskloom/core';
import { stateAt } from '../language/state.js';
import { runFirstSeg, runSegRecipe, type SegRun, type SegStages } from './run-seg-recipe.js';

const image: ImageFrame = { width: 200, height: 100, rgb: new Uint8Array(200 * 100 * 3), sha256: 'x' };
const state = (value: number): Tensor => stateAt(Float32Array.from([value]), 0, 1);
const transform = <F extends 'SamPx' | 'ClipPx'>(frame: F): ImageTransform<F> => ({
  frame,
  original: { width: 200, height: 100 },
  resized: { width: 100, height: 50 },
  input: { width: 100, height: 100 },
  scaleX: 0.5,
  scaleY: 0.5,
  offsetX: 0,
  offsetY: 0,
});
const features = (frame: 'SamPx' | 'ClipPx'): FeatureMap => ({
  space: frame,
  layout: 'tokens',
  width: 1,
  rows: 1,
  columns: 1,
  tensor: state(0),
  transform: transform(frame),
});

interface Log {
  readonly calls: string[];
  readonly warnings: string[];
  prompts: readonly MaskPrompt[];
  labels: readonly MaskLabel[];
}

interface Parts {
  readonly embedding: boolean;
  readonly points: number | undefined;
  readonly similarity?: DecodedMasks['similarity'];
}

/** Stages that only note what reaches them; the answer is given. */
function stagesFor(answer: Partial<LanguageAnswer>, log: Log, parts: Parts): SegStages {
  const note = (call: string): void => void log.calls.push(call);
  const { similarity } = parts;
  const decoded = { count: 0, ...(similarity && { similarity }) } as DecodedMasks;
  return {
    Encoder: { cacheKey: 'sam', encode: async () => (note('encode sam'), features('SamPx')) },
    VisionEncoder: { cacheKey: 'clip', encode: async () => (note('encode clip'), features('ClipPx')) },
    LanguageModel: {
      hiddenWidth: 1,
      read: async () => ({
        imageStates: features('ClipPx'),
        answer: async ({ text, watch }) => {
          note(`ask ${text} ${watch.join()}`);
          return { text: '', tokenIds: [], emitted: [], truncated: false, ...answer };
        },
      }),
    },
    ...(parts.embedding
      ? { QueryProjector: { project: async (states) => (note(`project ${states.length}`), state(9)) } }
      : {}),
    ...(parts.points === undefined
      ? {}
      : {
          PointPrompter: {
            prompt: async ({ query }) => {
              const [value = 0] = await query.read();
              note(`points of ${value}`);
              const labels = Int8Array.from({ length: parts.points ?? 0 }, () => 1);
              return {
                points: {
                  frame: 'ImagePx',
                  xy: Float32Array.from([...labels].flatMap(() => [value * 10, 40])),
                  labels,
                },
              };
            },
          },
        }),
    MaskDecoder: {
      embeddingWidth: 1,
      decode: async (_, prompts) => ((log.prompts = prompts), note('decode'), decoded),
    },
    Assembler: {
      assemble: async (_, labels) => (
        (log.labels = labels),
        labels.map(({ label }) => ({ label }) as Segment)
      ),
    },
  };
}
const emitted = (...before: string[]): Pick<LanguageAnswer, 'emitted'> => ({
  emitted: before.map((textBefore, i) => ({ token: '[SEG]', index: i, state: state(i + 1), textBefore })),
});

async function runWith(answer: Partial<LanguageAnswer>, parts: Parts, segRun: SegRun = runSegRecipe) {
  const log: Log = { calls: [], warnings: [], prompts: [], labels: [] };
  const context = { warn: (message: string) => log.warnings.push(message) } as unknown as RunContext;
  const request = { task: 'referring', text: 'The star' } as const;
  const result = await segRun(stagesFor(answer, log, parts), image, request, context);
  return { result, log };
}

describe('runSegRecipe', () => {
  it('keeps the answer of a refusal and never encodes for masks', async () => {
    const { result, log } = await runWith({ text: 'No, it is not there.' }, { embedding: true, points: 2 });
    expect(result).toEqual({ answer: 'No, it is not there.', segments: [], refused: true });
    expect(log.calls).toEqual(['encode clip', 'ask The star [SEG]']);
  });

  it('gives every [SEG] its own mask, embedding row, points and name', async () => {
    const { result, log } = await runWith(emitted('the star', 'and the ring'), {
      embedding: true,
      points: 1,
    });
    expect(result.segments.map((s) => s.label)).toEqual(['the star', 'the ring']);
    // Points, projection and image features are made side by side, the masks of all three.
    expect(log.calls.slice(2, -1).sort()).toEqual(['encode sam', 'points of 1', 'points of 2', 'project 2']);
    expect(log.calls.at(-1)).toBe('decode');
    expect(log.prompts.map((p) => p.embedding?.row)).toEqual([0, 1]);
    expect(log.prompts.map((p) => [p.points?.frame, ...(p.points?.xy ?? [])])).toEqual([
      ['SamPx', 5, 20],
      ['SamPx', 10, 20],
    ]);
    expect(log.labels.map((l) => [...(l.evidence?.points?.xy ?? [])])).toEqual([
      [10, 40],
      [20, 40],
    ]);
  });

  it('decodes the first of several [SEG] alone where a system is trained for one, and says so', async () => {
    const parts = { embedding: true, points: 1 };
    const { result, log } = await runWith(emitted('the star', 'and the ring'), parts, runFirstSeg);
    expect(result.segments.map((s) => s.label)).toEqual(['The star']);
    expect(log.calls.slice(2, -1).sort()).toEqual(['encode sam', 'points of 1', 'project 1']);
    expect(log.warnings).toEqual(['The answer has 2 [SEG]; only the first becomes a mask.']);
    expect((await runWith(emitted('it is'), parts, runFirstSeg)).log.warnings).toEqual([]);
  });

  it("adds the decoder's own map of each prompt to what led to its mask", async () => {
    const map = {
      kind: 'similarity',
      rows: 1,
      columns: 1,
      values: Float32Array.of(3),
      covers: [0, 0, 1, 1],
    } as const;
    const stages = { embedding: true, points: 1, similarity: [undefined, map] };
    const { log } = await runWith(emitted('a', 'b'), stages);
    expect(log.labels.map(({ evidence }) => [evidence?.points?.labels.length, evidence?.decoderMap])).toEqual(
      [
        [1, undefined],
        [1, map],
      ],
    );
  });

  it('names a lone mask by the query', async () => {
    const { result } = await runWith(emitted('the ring'), { embedding: true, points: undefined });
    expect(result.segments.map((s) => s.label)).toEqual(['The star']);
  });

  it('prompts with points alone without a projector, and with the embedding alone when there are no points', async () => {
    const pointsOnly = await runWith(emitted('it is'), { embedding: false, points: 3 });
    expect(pointsOnly.log.prompts.map((p) => [p.embedding, p.points?.labels.length])).toEqual([
      [undefined, 3],
    ]);
    const embeddingOnly = await runWith(emitted('it is'), { embedding: true, points: 0 });
    expect(embeddingOnly.log.prompts.map((p) => [p.embedding?.row, p.points])).toEqual([[0, undefined]]);
  });

  it('makes no decoder call when nothing prompts', async () => {
    const { result, log } = await runWith(emitted('it is'), { embedding: false, points: 0 });
    expect(result.segments).toEqual([]);
    expect(log.calls).not.toContain('decode');
  });

  it('says when the answer was cut off', async () => {
    const { log } = await runWith(
      { truncated: true, tokenIds: [1, 2] },
      { embedding: true, points: undefined },
    );
    expect(log.warnings).toEqual(['The answer was cut off after 2 tokens.']);
  });
});

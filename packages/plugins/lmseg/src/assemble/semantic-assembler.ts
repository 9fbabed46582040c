import { z } from 'zod';
import {
  defineStage,
  encodeMask,
  inSlices,
  maskBox,
  SemanticAssembler,
  throwIfAborted,
  type ClassScores,
  type Plane,
  type RunContext,
  type Segment,
  type SemanticQuery,
  type StageFactory,
} from '@maskloom/core';
import { readLmsegPreset } from '../preset.js';
import { pixelsAbove } from './pixels-above.js';
import { RunningArgmax } from './running-argmax.js';
import { Stitcher } from './stitcher.js';
import { winnersToSegments } from './winners-to-segments.js';

const NAME = 'lmseg/semantic-assembler';

const options = z.object({
  output: z
    .enum(['argmax', 'per-class'])
    .default('argmax')
    .describe(
      "'argmax': each pixel belongs to one class; 'per-class': each class has its own mask and score map.",
    ),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Pixels that score below belong to no class. When absent: the preset's; for 'per-class' and for a single label 0.5; else 0.",
    ),
  background: z
    .array(z.string())
    .default([])
    .describe('Labels that count as background: they win pixels, but are no segments.'),
  minArea: z.number().int().min(1).default(1).describe('Segments with fewer pixels are dropped.'),
});

/** Options of {@link semanticAssembler}. */
export interface SemanticAssemblerOptions {
  /** `argmax` (default): each pixel belongs to one class; `per-class`: each class has its own mask and score map. */
  readonly output?: 'argmax' | 'per-class' | undefined;
  /**
   * Pixels whose probability is below belong to no class, 0..1. When absent: the preset's; for `per-class` and for a
   * single label 0.5; else 0.
   */
  readonly threshold?: number | undefined;
  /** Labels that win pixels but are no segments, whatever their case; none when absent. */
  readonly background?: readonly string[] | undefined;
  /** Segments with fewer pixels are dropped; default 1. */
  readonly minArea?: number | undefined;
}

/** A class is more likely there than not. */
const EVEN = 0.5;

/**
 * Class scores to segments: views put together as CAT-Seg does, brought to the image's size, then each pixel to its
 * highest class, or each class by itself. Scores below the threshold and background labels make no segment.
 */
export const semanticAssembler: StageFactory<
  'SemanticAssembler',
  z.ZodType<unknown, SemanticAssemblerOptions | undefined>,
  'class-scores' | 'views',
  'segments'
> = defineStage({
  slot: SemanticAssembler,
  name: NAME,
  summary: 'Class scores of all views to one segment per class: highest class per pixel, or each by itself.',
  options,
  needs: ['class-scores', 'views'],
  gives: ['segments'],
  create: ({ output, threshold, background, minArea }, { models }) => {
    const preset = presetThreshold(() => readLmsegPreset(models).background);
    const hidden = new Set(background.map((label) => label.toLowerCase()));
    return {
      assemble: async (query: SemanticQuery, run: RunContext): Promise<readonly Segment[]> => {
        const even = output === 'per-class' || query.labels.length === 1;
        const limit = threshold ?? preset ?? (even ? EVEN : 0);
        const segments =
          output === 'argmax' ? await highest(query, limit, run) : await separate(query, limit, run);
        return segments.filter(({ label, area }) => area >= minArea && !hidden.has(label.toLowerCase()));
      },
    };
  },
});

/** A bundle without an `lmseg` preset (another system's scores) has no threshold of its own. */
function presetThreshold(read: () => number | null | undefined): number | undefined {
  try {
    return read() ?? undefined;
  } catch {
    return undefined;
  }
}

async function highest(query: SemanticQuery, limit: number, run: RunContext): Promise<readonly Segment[]> {
  const argmax = new RunningArgmax(query.image, query.plan.canvas);
  await eachChunk(query, run, (classes, stitcher) =>
    argmax.add(classes.map(({ index, maps }) => ({ index, scores: stitcher.scores(maps) }))),
  );
  return inSlices(segmentsOf(argmax, limit, query), run.signal, NAME);
}

function* segmentsOf(argmax: RunningArgmax, limit: number, { image, labels }: SemanticQuery) {
  if (limit > 0) yield* argmax.dropBelow(limit);
  return yield* winnersToSegments(argmax.winner, argmax.best, image, labels);
}

async function separate(query: SemanticQuery, limit: number, run: RunContext): Promise<readonly Segment[]> {
  const { width, height } = query.image;
  const segments: Segment[] = [];
  await eachChunk(query, run, function* (classes, stitcher) {
    for (const { index, maps } of classes) {
      yield;
      if (stitcher.scores(maps).bound() < limit) continue;
      const canvas = stitcher.stitch(maps);
      const { pixels, area, sum } = yield* pixelsAbove(canvas, query.image, limit);
      if (area === 0) continue;
      const mask = encodeMask(pixels, width, height);
      const label = query.labels[index] ?? '';
      const evidence = { map: scoreMap(canvas, width, height) };
      segments.push({ label, score: Math.min(1, sum / area), bbox: maskBox(mask), area, mask, evidence });
    }
  });
  return segments;
}

function scoreMap({ width: columns, height: rows, values }: Plane, width: number, height: number) {
  return { kind: 'score' as const, rows, columns, values, covers: [0, 0, width, height] as const };
}

/** A class with its map of each view. */
interface MappedClass {
  readonly index: number;
  readonly maps: readonly Float32Array[];
}

/** What is done with the classes of a chunk; it may pause. */
type Visit = (classes: readonly MappedClass[], stitcher: Stitcher) => Generator<void, void>;

function classesOf({ classes, rows, columns, logits }: ClassScores): readonly MappedClass[] {
  const cells = rows * columns;
  return classes.map((index, i) => ({
    index,
    maps: logits.map((all) => all.subarray(i * cells, (i + 1) * cells)),
  }));
}

/** Goes over all classes, a chunk at a time; the event loop turns in between. */
async function eachChunk({ plan, scores }: SemanticQuery, run: RunContext, visit: Visit): Promise<void> {
  let stitcher: Stitcher | undefined;
  for (let chunk = 0; chunk < scores.chunks; chunk++) {
    throwIfAborted(run.signal, NAME);
    const part = await scores.scores(chunk, run);
    stitcher ??= new Stitcher(plan, part.rows, part.columns);
    await inSlices(visit(classesOf(part), stitcher), run.signal, NAME);
    run.progress((chunk + 1) / scores.chunks, 'classes');
  }
}

import { z } from 'zod';
import {
  Assembler,
  defineStage,
  type BuildContext,
  type DecodedMasks,
  type MaskLabel,
  type RunContext,
  type Segment,
  type StageFactory,
} from '@maskloom/core';
import { coveredCells, labelSegments, maskNms, mergeChannels, pickMasks, scoresOf } from '@maskloom/sam';
import { readRosePreset } from '../preset.js';

const options = z.object({
  stuff: z
    .array(z.string())
    .default([])
    .describe(
      'Names of stuff: their proposals become one segment, as do those of patches with the role stuff.',
    ),
  overlap: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe("Part of its mask that a segment must keep after the others had theirs (Mask2Former's 0.8)."),
  nmsIou: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("As of rose/instance-assembler; the bundle's when absent."),
});

/** Options of {@link panopticAssembler}. */
export interface PanopticAssemblerOptions {
  /** Names of stuff: their proposals become one segment, as do those of patches with the role `stuff`. */
  readonly stuff?: string[] | undefined;
  /** Part of its mask that a segment must keep after the others had theirs, 0..1; default 0.8 (Mask2Former). */
  readonly overlap?: number | undefined;
  /** Mask IoU above which the weaker of two proposals goes; the bundle's when absent. */
  readonly nmsIou?: number | undefined;
}

/**
 * Panoptic results as in Mask2Former: after suppression every pixel goes to the proposal with the highest
 * `score * sigmoid(logit)`; a segment that keeps too little of its mask goes; stuff of one name is one segment.
 */
export const panopticAssembler: StageFactory<
  'Assembler',
  z.ZodType<unknown, PanopticAssemblerOptions | undefined>,
  'mask-logits',
  'segments'
> = defineStage({
  slot: Assembler,
  name: 'rose/panoptic-assembler',
  summary: 'ROSE: instances and stuff that do not overlap, every pixel to its best proposal.',
  options,
  needs: ['mask-logits'],
  gives: ['segments'],
  create: (given, context) => createPanoptic(given, context),
});

function createPanoptic({ stuff, overlap, nmsIou }: z.output<typeof options>, context: BuildContext) {
  const preset = readRosePreset(context.models);
  const limit = nmsIou ?? preset.nmsIou;
  return {
    assemble: async (
      decoded: DecodedMasks,
      labels: readonly MaskLabel[],
      run: RunContext,
    ): Promise<readonly Segment[]> => {
      const scores = scoresOf(decoded, labels, 'rose/panoptic-assembler');
      const kept = await maskNms(decoded, scores, limit);
      const masks = pickMasks(decoded, kept);
      const sources = kept.flatMap((n) => labels[n] ?? []);
      const channels: number[] = [];
      const first = new Map<string, number>();
      sources.forEach(({ label, evidence }, n) => {
        const merges = stuff.includes(label) || evidence?.patch?.role === 'stuff';
        const channel = merges ? (first.get(label) ?? n) : n;
        if (merges) first.set(label, channel);
        channels.push(channel);
      });
      const rule = { combine: 'max', least: preset.background } as const;
      const chosen = kept.map((n) => scores[n] ?? 0);
      const merged = await mergeChannels(masks, chosen, channels, sources.length, rule, run.signal);
      const segments = labelSegments(
        merged,
        sources.map(({ label }) => label),
        sources,
        masks,
      );
      const whole = wholeAreas(masks, channels, sources.length);
      const used = usedChannels(merged.labels, sources.length);
      return segments.filter(({ area }, i) => area >= overlap * (whole[used[i] ?? 0] ?? 0));
    },
  };
}

/** Channels that have pixels, in their order: those that have a segment. */
function usedChannels(labels: Uint16Array, count: number): readonly number[] {
  const used = new Uint8Array(count + 1);
  for (let p = 0; p < labels.length; p++) used[labels[p]!] = 1;
  return Array.from({ length: count }, (_, channel) => channel).filter((channel) => used[channel + 1] === 1);
}

/** Pixels of each channel's mask before the others had theirs, from the decoder's resolution. */
function wholeAreas(decoded: DecodedMasks, channels: readonly number[], count: number): readonly number[] {
  const { width, height, transform } = decoded;
  const { columns, rows } = coveredCells(decoded);
  const perCell = (transform.original.width * transform.original.height) / (columns * rows);
  const cells = new Float64Array(count);
  /** The last channel + 1 that has the cell. */
  const seen = new Int32Array(width * height);
  const byChannel = channels.map((channel, n) => ({ channel, n })).sort((a, b) => a.channel - b.channel);
  for (const { channel, n } of byChannel) {
    const logits = decoded.logits.subarray(n * width * height, (n + 1) * width * height);
    for (let y = 0; y < rows; y++) {
      for (let cell = y * width; cell < y * width + columns; cell++) {
        if (!(logits[cell]! > 0) || seen[cell] === channel + 1) continue;
        seen[cell] = channel + 1;
        cells[channel]!++;
      }
    }
  }
  return Array.from(cells, (all) => all * perCell);
}

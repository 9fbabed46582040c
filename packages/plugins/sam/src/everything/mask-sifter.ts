import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import {
  areaOfRuns,
  boxOfRuns,
  defineStage,
  resolveMasks,
  rleOfRuns,
  runsOfRle,
  throwIfAborted,
  type ImageView,
  type RunContext,
  type Segment,
  type Size,
  type StageFactory,
  type TilePlan,
} from '@maskloom/core';
import { pickMasks } from '../assemble/mask-nms.js';
import { cornersOf } from './box-nms.js';
import { placeMask } from './place-mask.js';
import { sifterOptions, type MaskSifterOptions } from './sifter-options.js';
import { MaskSifter, type MaskProposal, type SampledMasks } from './slots.js';
import { withoutSmallRegions } from './small-regions.js';
import { survivors } from './suppress.js';

type Options = z.output<typeof sifterOptions>;

/** Pixels within which a box is at an edge (`is_box_near_crop_edge`). */
const EDGE = 20;

/**
 * Keeps masks as segment-anything's `SamAutomaticMaskGenerator` does: predicted IoU, stability, not cut off by a crop's
 * edge, no duplicates within a view (the higher predicted IoU stays) or between views (the smaller view's stays), then
 * holes and islands. Masks are brought to the size of their view one at a time, and kept run-length encoded.
 */
export const maskSifter: StageFactory<
  'MaskSifter',
  z.ZodType<unknown, MaskSifterOptions | undefined>,
  'mask-logits' | 'views',
  'segments'
> = defineStage({
  slot: MaskSifter,
  name: 'sam/mask-sifter',
  summary: 'Keeps masks by predicted quality and stability, without duplicates or masks cut off by a crop.',
  options: sifterOptions,
  needs: ['mask-logits', 'views'],
  gives: ['segments'],
  create: (options) => ({
    sift: (sampled: SampledMasks, run: RunContext) => sift(sampled, options, run),
    suppress: async (proposals: readonly MaskProposal[]) => {
      const scores = proposals.map(({ quality }) => quality);
      return survivors(proposals, scores, options.boxNmsThresh, options.suppression).map(
        (n) => proposals[n]!,
      );
    },
    finish: async (proposals: readonly MaskProposal[], plan: TilePlan, label: string) => {
      const once = plan.views.length > 1 ? betweenViews(proposals, options) : proposals;
      const whole = options.minMaskRegionArea > 0 ? mended(once, options) : once;
      return whole.map((proposal) => segmentOf(proposal, label));
    },
  }),
});

async function sift(
  { image, view, points, masks }: SampledMasks,
  { predIouThresh, stabilityScoreThresh, stabilityScoreOffset }: Options,
  run: RunContext,
): Promise<readonly MaskProposal[]> {
  const perPoint = masks.count / points.labels.length;
  const proposals: MaskProposal[] = [];
  for (let n = 0; n < masks.count; n++) {
    const quality = masks.quality[n] ?? 0;
    if (predIouThresh > 0 && !(quality > Math.fround(predIouThresh))) continue;
    // Large pictures take a while: others get their turn between two masks.
    await setImmediate();
    throwIfAborted(run.signal, 'sam/mask-sifter');
    const resolved = resolveMasks(pickMasks(masks, [n]), { stabilityOffset: stabilityScoreOffset });
    const [mask, area, box, stability = NaN] = [
      resolved.masks[0]!,
      resolved.areas[0]!,
      resolved.boxes[0]!,
      resolved.stability?.[0],
    ];
    if (stabilityScoreThresh > 0 && !(stability >= Math.fround(stabilityScoreThresh))) continue;
    if (cutOff(box, view, masks.transform.original, image)) continue;
    const at = Math.floor(n / perPoint);
    proposals.push({
      mask: placeMask(mask, view.x, view.y, image),
      bbox: area === 0 ? [0, 0, 0, 0] : [box[0] + view.x, box[1] + view.y, box[2], box[3]],
      area,
      quality,
      stability,
      point: [points.xy[2 * at]! + view.x, points.xy[2 * at + 1]! + view.y],
      cropBox: [view.x, view.y, masks.transform.original.width, masks.transform.original.height],
    });
  }
  return proposals;
}

/** Whether a box lies at an edge of its crop that is no edge of the image: the rest of the thing is not in view. */
function cutOff(
  box: readonly [number, number, number, number],
  { x, y }: ImageView,
  crop: Size,
  image: Size,
): boolean {
  const [left, top, right, bottom] = cornersOf(box);
  const corners = [left + x, top + y, right + x, bottom + y];
  const ofCrop = [x, y, x + crop.width, y + crop.height];
  const ofImage = [0, 0, image.width, image.height];
  const near = (at: number, edge: number): boolean => Math.abs(at - edge) <= EDGE;
  return corners.some((at, i) => near(at, ofCrop[i]!) && !near(at, ofImage[i]!));
}

/** Of duplicates on several views, those of the smallest view: it shows them largest. */
function betweenViews(
  proposals: readonly MaskProposal[],
  { cropNmsThresh, suppression }: Options,
): readonly MaskProposal[] {
  const scores = proposals.map(({ cropBox: [, , width, height] }) => Math.fround(1 / (width * height)));
  return survivors(proposals, scores, cropNmsThresh, suppression).map((n) => proposals[n]!);
}

/** Masks with their holes filled and islands removed; of new duplicates those that needed no mending stay. */
function mended(
  proposals: readonly MaskProposal[],
  { minMaskRegionArea, boxNmsThresh, cropNmsThresh, suppression }: Options,
): readonly MaskProposal[] {
  const whole = proposals.map((proposal): MaskProposal => {
    const before = runsOfRle(proposal.mask);
    const after = withoutSmallRegions(before, minMaskRegionArea);
    if (after === before) return proposal;
    return { ...proposal, mask: rleOfRuns(after), area: areaOfRuns(after), bbox: boxOfRuns(after) };
  });
  const scores = whole.map((proposal, n) => Number(proposal === proposals[n]));
  const limit = Math.max(boxNmsThresh, cropNmsThresh);
  return survivors(whole, scores, limit, suppression).map((n) => whole[n]!);
}

function segmentOf({ mask, bbox, area, quality, point }: MaskProposal, label: string): Segment {
  const points = { frame: 'ImagePx', xy: Float32Array.from(point), labels: Int8Array.of(1) } as const;
  // The head that predicts IoU is a regression: its values can leave 0..1 slightly.
  return { label, score: Math.min(1, Math.max(0, quality)), bbox, area, mask, evidence: { points } };
}

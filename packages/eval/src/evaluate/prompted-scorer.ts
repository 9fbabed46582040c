import {
  boxOfRuns,
  rleOfRuns,
  runsOfLabel,
  type Pipeline,
  type RleMask,
  type SpatialPrompt,
} from '@maskloom/core';
import { dataInvalid } from '@maskloom/data';
import { readPanopticPng } from '@maskloom/data';
import type { BootstrapOptions } from '@maskloom/metrics';
import { countPixels } from '@maskloom/metrics';
import { Tally, type Figure } from '@maskloom/metrics';
import { innermostPoint } from './innermost-point.js';
import type { AskOptions, LoadedScene, Scorer } from './score.js';

/** A segment of the truth with the prompts that ask for it. */
interface Target {
  readonly isThing: boolean;
  readonly mask: RleMask;
  readonly box: SpatialPrompt;
  readonly point: SpatialPrompt;
}

/**
 * mIoU over every segment of the panoptic pictures (`all`), things and stuff apart, prompted by the segment's tight box
 * (`mIoU box`) and by its innermost pixel (`mIoU point`); the single-mask output counts. An empty mask has IoU 0.
 */
export class PromptedScorer implements Scorer {
  readonly #tally = new Tally();

  async add(pipeline: Pipeline, scene: LoadedScene, options: AskOptions): Promise<number> {
    const { id, frame } = scene;
    const targets = await targetsOf(scene);
    if (targets.length === 0) return 0;
    const { cache, signal } = options;
    for (const kind of ['box', 'point'] as const) {
      const request = { task: 'prompted', prompts: targets.map((target) => target[kind]) } as const;
      const { segments } = await pipeline.segment(frame, request, { cache, signal });
      const found = new Map(segments.map((segment) => [segment.label, segment.mask]));
      for (const target of targets) {
        const mask = found.get(target[kind].label ?? '');
        const { intersection, union } = countPixels(mask, target.mask);
        const iou = intersection / Math.max(union, 1);
        this.#tally.add(`mIoU ${kind} all`, id, iou, 1);
        this.#tally.add(`mIoU ${kind} ${target.isThing ? 'things' : 'stuff'}`, id, iou, 1);
      }
    }
    return 2 * targets.length;
  }

  figures(options?: BootstrapOptions): Record<string, Figure> {
    return this.#tally.figures(options);
  }
}

async function targetsOf({ frame, panoptic }: LoadedScene): Promise<readonly Target[]> {
  const { width, height, labels } = await readPanopticPng(panoptic.labels);
  if (width !== frame.width || height !== frame.height)
    throw dataInvalid(
      panoptic.labels,
      'size',
      `it is ${width} x ${height}, its image ${frame.width} x ${frame.height}`,
    );
  return panoptic.segments.map(({ id, isThing }): Target => {
    const runs = runsOfLabel(labels, width, height, id);
    const [x, y, boxWidth, boxHeight] = boxOfRuns(runs);
    if (boxWidth === 0)
      throw dataInvalid(
        panoptic.labels,
        `segment ${id}`,
        'it is listed, but no pixel of the picture is in it',
      );
    const inside = innermostPoint(
      labels.map((label) => (label === id ? 1 : 0)),
      width,
      height,
    );
    const label = String(id);
    return {
      isThing,
      mask: rleOfRuns(runs),
      box: { label, box: { frame: 'ImagePx', x, y, width: boxWidth, height: boxHeight } },
      point: {
        label,
        points: { frame: 'ImagePx', xy: Float32Array.of(inside.x, inside.y), labels: Int8Array.of(1) },
      },
    };
  });
}

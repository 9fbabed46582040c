import { readFileSync } from 'node:fs';
import type { RleMask } from '@maskloom/core';

/** Compressed counts. */
type Counts = string;

/** Figures of NumPy implementations of the definitions: training/golden/make_measures_golden.py. */
export interface MeasuresGolden {
  referring: {
    switches: string[];
    images: {
      height: number;
      width: number;
      queries: {
        parts: Counts[] | null;
        ignore: Counts | null;
        text: number;
        generated: Counts | null;
        forced: Counts;
      }[];
    }[];
    /** [switches, gIoU, cIoU]. */
    figures: [boolean[], number, number][];
  };
  semantic: {
    classes: number;
    images: { height: number; width: number; truth: number[]; prediction: number[] }[];
    mmsegmentation: Record<'mIoU' | 'mean accuracy' | 'pixel accuracy' | 'fwIoU', number> & {
      IoU: (number | null)[];
      UmI: number[];
    };
    detectron2: Record<'mIoU' | 'mean accuracy' | 'pixel accuracy' | 'fwIoU', number>;
    confusion: number[][];
  };
  panoptic: {
    categories: { id: number; name: string; isThing: boolean }[];
    images: {
      height: number;
      width: number;
      /** [category, mask, crowd]. */
      truths: [number, Counts, 0 | 1][];
      predictions: [number, Counts, 0 | 1][];
    }[];
    /** Per category: matches, wrong, missed, IoUs. */
    stat: [number, number, number, number][];
    figures: Record<string, number>;
    classes: Record<string, number>;
  };
  similarity: {
    cases: {
      height: number;
      width: number;
      /** Scores times 255. */
      levels: number[];
      truth: Counts;
      ignore: Counts;
      /** Threshold, intersection, union. */
      best: [number, number, number];
    }[];
    gIoU: number;
    cIoU: number;
    prompts: {
      /** Of the square map. */
      side: number;
      height: number;
      width: number;
      levels: number[];
      /** x, y, label, sorted. */
      points: [number, number, 0 | 1][];
    }[];
  };
}

/** The stored figures. */
export function measuresGolden(): MeasuresGolden {
  const path = new URL('../fixtures/measures-golden.json', import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as MeasuresGolden;
}

/** A mask of an image. */
export function maskIn({ height, width }: { height: number; width: number }, counts: string): RleMask {
  return { size: [height, width], counts };
}

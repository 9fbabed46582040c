import { z } from 'zod';
import { presetReader, type ModelHost } from '@maskloom/core';

const superPatch = z
  .object({
    side: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    roles: z.array(z.string().min(1)).default([]),
    sizes: z.record(z.string(), z.tuple([z.number().min(0), z.number().positive().nullable()])).default({}),
  })
  .refine(({ side, roles }) => roles.length === (side === 1 ? roles.length : side * side), {
    path: ['roles'],
    message: 'must name a role for each patch of the super-patch, row by row',
  });

const rosePreset = z.object({
  superPatch: superPatch.default({ side: 1, roles: [], sizes: {} }),
  topN: z.number().int().positive().default(100),
  minObjectness: z.number().min(0).max(1).default(0.1),
  threshold: z.number().min(0).max(1).default(0.5),
  nmsIou: z.number().min(0).max(1).default(0.5),
  semantic: z.enum(['max', 'sum']).default('max'),
  background: z.number().min(0).default(0.1),
});

/** How neighbouring patches share the work. */
export interface SuperPatch {
  /** Patches of a super-patch along each side: 1, every patch does everything, 2 or 3. */
  readonly side: 1 | 2 | 3;
  /** What each patch is there for, row by row; [side * side]; not read when `side` is 1. */
  readonly roles: readonly string[];
  /** For reports, by role: sizes from and up to, as parts of the image's side; `null` when there is no upper end. */
  readonly sizes: Readonly<Record<string, readonly [number, number | null]>>;
}

/** A bundle's constants for ROSE. */
export interface RosePreset {
  /** How neighbouring patches share the work; each for itself when absent. */
  readonly superPatch: SuperPatch;
  /** Most proposals of an image; default 100. */
  readonly topN: number;
  /** Objectness 0..1 from which a patch proposes; default 0.1. */
  readonly minObjectness: number;
  /** Objectness 0..1 from which an instance is shown; default 0.5. */
  readonly threshold: number;
  /** Mask IoU 0..1 above which the weaker of two proposals gives way; default 0.5. */
  readonly nmsIou: number;
  /** How proposals of one name become its map: the highest (default) or the sum of their values. */
  readonly semantic: 'max' | 'sum';
  /** A pixel whose highest value is below has no name; at least 0, default 0.1. */
  readonly background: number;
}

/** Reads a bundle's `rose` preset. Throws MaskloomError `BUNDLE_INVALID` naming the field. */
export const readRosePreset: (models: ModelHost) => RosePreset = presetReader('rose', rosePreset);

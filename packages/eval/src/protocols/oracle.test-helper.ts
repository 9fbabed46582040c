import {
  compose,
  createFeatureCache,
  defineRecipe,
  encodeMask,
  maskArea,
  maskBox,
  type RleMask,
  type Segment,
  type SegmentRequest,
} from '@maskloom/core';
import { fakeSource } from '@maskloom/core/conformance';
import type { EvalScene, SceneSetHead } from '../runner/scenes/scene.js';
import { DEFAULT_SWITCHES, type AskContext } from './protocol.js';

/** Width and height of the toy scenes. */
export const SIDE = 20;

/** A rectangle of a toy scene. */
export function block(x: number, y: number, width: number, height: number): RleMask {
  const inside = (p: number): boolean => {
    const [column, row] = [p % SIDE, Math.floor(p / SIDE)];
    return column >= x && column < x + width && row >= y && row < y + height;
  };
  return encodeMask(
    Uint8Array.from({ length: SIDE * SIDE }, (_, p) => (inside(p) ? 1 : 0)),
    SIDE,
    SIDE,
  );
}

/** A region as a system finds it. */
export function found(label: string, mask: RleMask, score = 0.9): Segment {
  return { label, mask, score, bbox: maskBox(mask), area: maskArea(mask) };
}

/** Two things and a region of stuff. */
export const HEAD: SceneSetHead = {
  root: '/nowhere',
  categories: [
    { id: 1, name: 'star', isThing: true },
    { id: 2, name: 'ring', isThing: true },
    { id: 3, name: 'grass', isThing: false },
  ],
  source: {},
};

/** A star to the left of a ring, both on grass. */
export const SCENE: EvalScene = {
  id: 7,
  image: '7.png',
  width: SIDE,
  height: SIDE,
  segments: [
    { id: 1, categoryId: 1, mask: block(1, 1, 6, 6) },
    { id: 2, categoryId: 2, mask: block(10, 1, 6, 6) },
    { id: 3, categoryId: 3, mask: block(0, 10, 20, 10) },
  ],
};

/** A recipe of no stages that answers as it is told, and refuses where it is told nothing, asked about a toy scene. */
export async function asking(
  answer: (request: SegmentRequest) => readonly Segment[],
  more: Partial<AskContext> = {},
): Promise<AskContext> {
  const recipe = defineRecipe({
    system: 'oracle',
    name: 'told',
    summary: 'Answers as it is told.',
    tasks: ['referring', 'reasoning', 'prompted', 'free', 'semantic', 'instance'],
    wiring: {},
    stages: {},
    run: async (_, __, request) => {
      const segments = answer(request);
      return { answer: '', segments, refused: segments.length === 0 };
    },
  });
  return {
    pipeline: await compose(recipe).on(fakeSource({})).build(),
    helpers: {},
    frame: { width: SIDE, height: SIDE, rgb: new Uint8Array(3 * SIDE * SIDE), sha256: 'toy' },
    scene: SCENE,
    head: HEAD,
    switches: DEFAULT_SWITCHES,
    cache: createFeatureCache({ maxImages: 1 }),
    concurrency: 1,
    ...more,
  };
}

/** The figures of one image's parts. */
export function figuresOf(
  measures: readonly { readonly name: string; parsePart(stored: unknown): unknown; accumulator(): unknown }[],
  parts: Readonly<Record<string, unknown>>,
): Readonly<Record<string, number | null>> {
  return Object.assign(
    {},
    ...measures.map((measure) => {
      const sum = measure.accumulator() as {
        add(image: string, part: unknown): void;
        result(options: { intervals: false }): { figures: Record<string, { value: number | null }> };
      };
      sum.add('7', measure.parsePart(parts[measure.name]));
      const { figures } = sum.result({ intervals: false });
      return Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, value]));
    }),
  ) as Record<string, number | null>;
}

// The systems whose cost over their models is measured: a builder, a request, the goal as a ratio to the bare calls.
import { compose } from '@maskloom/core';
import { full as lmsegFull } from '@maskloom/lmseg';
import { full as readFull } from '@maskloom/read';
import { patch } from '@maskloom/rose';
import { prompted } from '@maskloom/sam';
import { ASK, everyStage } from './stage.mjs';

const LABELS = ['sky', 'water', 'grass', 'sand', 'snow', 'circle', 'square', 'star', 'ring', 'cross'];

/** Single points on a grid, one prompt each. */
export function pointPrompts(count, side = 128) {
  const rows = Math.ceil(Math.sqrt(count));
  return Array.from({ length: count }, (_, i) => ({
    points: {
      frame: 'ImagePx',
      xy: Float32Array.of((((i % rows) + 0.5) * side) / rows, ((Math.floor(i / rows) + 0.5) * side) / rows),
      labels: Int8Array.of(1),
    },
  }));
}

/** `byHand`: a program written by hand is measured, too. `kept`: roles whose answers are kept between pictures by anyone's program, so that neither side calls them again. */
export const SYSTEMS = [
  {
    name: 'read/full',
    recipe: 'read/full',
    builder: () => everyStage(readFull),
    request: ASK,
    goal: 1.08,
    byHand: true,
  },
  {
    name: 'rose/patch',
    recipe: 'rose/patch',
    builder: () => compose(patch),
    request: { task: 'free' },
    goal: 1.08,
  },
  {
    name: `lmseg/full, ${LABELS.length} labels`,
    recipe: 'lmseg/full',
    builder: () => compose(lmsegFull),
    request: { task: 'semantic', labels: LABELS },
    kept: ['clipText'],
    goal: 1.1,
  },
  ...[1, 16].map((count) => ({
    name: `sam/prompted, ${count} point${count > 1 ? 's' : ''}`,
    recipe: 'sam/prompted',
    builder: () => compose(prompted),
    request: { task: 'prompted', prompts: pointPrompts(count) },
    goal: count > 1 ? 1.1 : 1.08,
    byHand: true,
  })),
];

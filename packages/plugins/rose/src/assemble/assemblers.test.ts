import { describe, expect, it } from 'vitest';
import { maskIou, type DecodedMasks, type MaskLabel } from '@maskloom/core';
import { conformanceCases, fakeRun } from '@maskloom/core/conformance';
import { contextOf, toyHost } from '../toy-rose.test.helper.js';
import { instanceAssembler } from './instance-assembler.js';
import { panopticAssembler } from './panoptic-assembler.js';
import { semanticAssembler } from './semantic-assembler.js';
import { taskAssembler } from './task-assembler.js';

const SIDE = 16;
const size = { width: SIDE, height: SIDE };

/** Boxes [left, top, right, bottom] in cells as logits of +-4. */
function boxes(...list: readonly (readonly [number, number, number, number])[]): DecodedMasks {
  const logits = new Float32Array(list.length * SIDE * SIDE).fill(-4);
  list.forEach(([left, top, right, bottom], n) => {
    for (let y = top; y < bottom; y++)
      logits.fill(4, n * SIDE * SIDE + y * SIDE + left, n * SIDE * SIDE + y * SIDE + right);
  });
  return {
    logits,
    count: list.length,
    width: SIDE,
    height: SIDE,
    quality: new Float32Array(list.length).fill(0.9),
    transform: {
      frame: 'SamPx',
      original: size,
      resized: size,
      input: size,
      scaleX: 1,
      scaleY: 1,
      offsetX: 0,
      offsetY: 0,
    },
  };
}
const label = (name: string, score: number, role?: string): MaskLabel => ({
  label: name,
  score,
  evidence: {
    patch: {
      row: 0,
      column: 0,
      objectness: score,
      box: [0, 0, 1, 1],
      ...(role === undefined ? {} : { role }),
    },
  },
});
const context = () => contextOf(toyHost());
/** Two nearly equal boxes, one apart from them, one that covers a corner of the first. */
const masks = boxes([0, 0, 8, 8], [0, 0, 8, 7], [10, 10, 14, 14], [6, 6, 12, 12]);
const labels = [label('star', 0.9), label('ring', 0.8), label('star', 0.6), label('sky', 0.3, 'stuff')];

describe('instanceAssembler', () => {
  it('keeps what no better proposal covers and what is sure enough, with the objectness as score', async () => {
    const stage = await instanceAssembler().create(context());
    const segments = await stage.assemble(masks, labels, fakeRun());
    expect(segments.map(({ label: name, score, area }) => [name, score, area])).toEqual([
      ['star', 0.9, 64],
      ['star', 0.6, 16],
    ]);
    expect(await stage.survivors?.(masks, [0.9, 0.8, 0.6, 0.3])).toEqual([0, 2]);
  });

  it('shows all survivors for average precision, and all proposals without suppression', async () => {
    const all = await instanceAssembler({ minScore: 0 }).create(context());
    expect((await all.assemble(masks, labels, fakeRun())).map(({ score }) => score)).toEqual([0.9, 0.6, 0.3]);
    const raw = await instanceAssembler({ minScore: 0, nmsIou: 1 }).create(context());
    expect(await raw.assemble(masks, labels, fakeRun())).toHaveLength(4);
  });
});

describe('semanticAssembler', () => {
  it('merges names after suppression; the less sure channel gives way', async () => {
    const stage = await semanticAssembler().create(context());
    const segments = await stage.assemble(masks, labels, fakeRun());
    // 'sky' loses 4 cells to the first star and 4 to the second.
    expect(segments.map(({ label: name, area }) => [name, area])).toEqual([
      ['star', 80],
      ['sky', 36 - 4 - 4],
    ]);
    expect(maskIou(segments[0]?.mask ?? never(), segments[1]?.mask ?? never())).toBe(0);
  });
});

describe('panopticAssembler', () => {
  it('drops what keeps too little of its mask and joins stuff of one name', async () => {
    const stage = await panopticAssembler({ stuff: ['grass'] }).create(context());
    const two = boxes([0, 0, 8, 8], [0, 4, 8, 12], [0, 12, 8, 16], [8, 12, 16, 16]);
    const found = await stage.assemble(
      two,
      [label('star', 0.9), label('ring', 0.8), label('grass', 0.7), label('grass', 0.6)],
      fakeRun(),
    );
    expect(found.map(({ label: name, area }) => [name, area])).toEqual([
      ['star', 64],
      ['grass', 64],
    ]);
    const lenient = await panopticAssembler({ overlap: 0.5 }).create(context());
    expect(
      await lenient.assemble(
        two,
        [label('star', 0.9), label('ring', 0.8), label('grass', 0.7), label('grass', 0.6)],
        fakeRun(),
      ),
    ).toHaveLength(4);
  });
});

describe('taskAssembler', () => {
  it('merges for the semantic task and separates for the others', async () => {
    const stage = await taskAssembler({ instance: { minScore: 0 } }).create(context());
    const count = async (task: 'semantic' | 'free' | 'instance') =>
      (await stage.assemble(masks, labels, fakeRun(), task)).length;
    expect([await count('semantic'), await count('free'), await count('instance')]).toEqual([2, 3, 3]);
    expect(await stage.survivors?.(masks, [0.9, 0.8, 0.6, 0.3], 'semantic')).toEqual([0, 2, 3]);
  });
});

describe.each([
  ['instanceAssembler', instanceAssembler()],
  ['semanticAssembler', semanticAssembler()],
  ['panopticAssembler', panopticAssembler()],
  ['taskAssembler', taskAssembler()],
] as const)('%s', (_name, spec) => {
  it.each(conformanceCases('Assembler', spec, { host: () => toyHost() }).map((c) => [c.name, c] as const))(
    '%s',
    (_, c) => c.run(),
  );
});

function never(): never {
  throw new Error('no such segment');
}

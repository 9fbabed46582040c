import { describe, expect, it } from 'vitest';
import {
  compose,
  CostAggregator,
  decodeMask,
  SemanticAssembler,
  Tiler,
  type Pipeline,
  type Prediction,
} from '@maskloom/core';
import { fakeImage } from '@maskloom/core/conformance';
import { semanticAssembler } from '../assemble/semantic-assembler.js';
import { costAggregation } from '../cost/aggregator.js';
import { toyLmseg, toySource } from '../toy-lmseg.test-helper.js';
import { denseViews } from '../views/views.js';
import { full } from './recipes.js';

const image = fakeImage(60, 40);
const build = (): Promise<Pipeline> => compose(full).on(toySource()).build();
const LABELS = ['star', 'ring', 'grass', 'blicket', 'zebra'];
const find = (pipeline: Pipeline, labels?: readonly string[]): Promise<Prediction> =>
  pipeline.segment(image, { task: 'semantic', ...(labels === undefined ? {} : { labels }) });
const labelMap = ({ segments }: Prediction): readonly string[] => {
  const map: string[] = Array.from({ length: 60 * 40 }, () => '');
  for (const { label, mask } of segments)
    decodeMask(mask).pixels.forEach((pixel, at) => void (pixel === 1 && (map[at] = label)));
  return map;
};
const masks = ({ segments }: Prediction) => new Map(segments.map(({ label, mask }) => [label, mask.counts]));

describe('LMSeg', () => {
  it('gives every pixel to one class', async () => {
    const { segments, answer } = await find(await build(), LABELS);
    const seen = new Uint8Array(60 * 40);
    for (const { mask, area, score } of segments) {
      decodeMask(mask).pixels.forEach((pixel, at) => (seen[at] = (seen[at] ?? 0) + pixel));
      expect(area).toBeGreaterThan(0);
      expect(score).toBeGreaterThan(0);
    }
    expect([...new Set(seen)]).toEqual([1]);
    expect(segments.length).toBeGreaterThan(1);
    expect(answer).toBe('');
  });

  it('says what stands behind it', async () => {
    const { evidence, segments, warnings } = await find(await build(), LABELS);
    const semantic = evidence?.semantic;
    expect(semantic?.classes.map(({ label }) => label)).toEqual(LABELS);
    expect(semantic?.classes[3]?.descriptions).toEqual([
      'striped red star called blicket',
      'striped red star',
    ]);
    expect(semantic?.classes[4]?.descriptions).toEqual(['a photo of a zebra in the scene']);
    expect(warnings).toEqual([expect.stringContaining("'zebra'")]);
    expect(semantic?.classes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(semantic?.fusion).toEqual({ kind: 'scalar', mean: 0.75, lowest: 0.75, highest: 0.75 });
    expect(semantic?.views).toBe(5);
    for (const { cost } of semantic?.classes ?? []) {
      expect(cost).toMatchObject({ kind: 'cost', rows: 4, columns: 4, covers: [0, 0, 60, 40] });
      for (const value of cost?.values ?? []) expect(Math.abs(value)).toBeLessThanOrEqual(1.0001);
    }
    for (const { evidence: own } of segments) expect(own?.map?.kind).toBe('cost');
  });

  it('permutes with the labels', async () => {
    const pipeline = await build();
    const straight = labelMap(await find(pipeline, LABELS));
    const turned = labelMap(await find(pipeline, [...LABELS].reverse()));
    // Sums over classes are taken in another order: where two classes are all but equal, a pixel may turn.
    const same = straight.filter((label, at) => label === turned[at]).length;
    expect(same / straight.length).toBeGreaterThan(0.99);
  });

  it('finds the same in chunks of any size, with any memory', async () => {
    const whole = masks(await find(await build(), LABELS));
    const parts = await compose(full)
      .with(CostAggregator, costAggregation({ chunk: 1, keepBytes: 0 }))
      .on(toySource())
      .build();
    expect(masks(await find(parts, LABELS))).toEqual(whole);
  });

  it('takes one label: the part of the image that is more likely it than not', async () => {
    const { segments } = await find(await build(), ['star']);
    expect(segments.length).toBeLessThanOrEqual(1);
    const low = await compose(full)
      .with(SemanticAssembler, semanticAssembler({ threshold: 0 }))
      .on(toySource())
      .build();
    expect((await find(low, ['star'])).segments.map(({ area }) => area)).toEqual([60 * 40]);
  });

  it.each([[undefined], [[]], [['']]])('refuses the labels %j', async (labels) => {
    await expect(find(await build(), labels)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  it('merges a label that comes twice', async () => {
    const { segments, warnings } = await find(await build(), ['star', 'grass', 'STAR']);
    expect(segments.map(({ label }) => label)).not.toContain('STAR');
    expect(warnings.some((warning) => warning.includes('more than once'))).toBe(true);
  });

  it('leaves out background labels, and pixels below the threshold', async () => {
    const all = masks(await find(await build(), LABELS));
    const hidden = [...all.keys()][0] ?? '';
    const background = await compose(full)
      .with(SemanticAssembler, semanticAssembler({ background: [hidden.toUpperCase()] }))
      .on(toySource())
      .build();
    const rest = masks(await find(background, LABELS));
    all.delete(hidden);
    expect(rest).toEqual(all);
    const strict = await compose(full)
      .with(SemanticAssembler, semanticAssembler({ threshold: 1 }))
      .on(toySource())
      .build();
    expect((await find(strict, LABELS)).segments).toEqual([]);
  });

  it('gives each class its own scores where asked to', async () => {
    const each = await compose(full)
      .with(SemanticAssembler, semanticAssembler({ output: 'per-class', threshold: 0 }))
      .on(toySource())
      .build();
    const { segments } = await find(each, LABELS);
    expect(segments.map(({ label }) => label)).toEqual(LABELS);
    for (const { area, evidence } of segments) {
      expect(area).toBe(60 * 40);
      expect(evidence?.map).toMatchObject({ kind: 'score', rows: 53, columns: 53 });
    }
  });

  it('looks at the whole image alone in mode whole', async () => {
    const whole = await compose(full)
      .with(Tiler, denseViews({ mode: 'whole' }))
      .on(toySource())
      .build();
    expect((await find(whole, LABELS)).evidence?.semantic?.views).toBe(1);
  });

  it('leaves no tensor behind, also when it is ended', async () => {
    const host = toyLmseg();
    const pipeline = await compose(full)
      .on({ open: async () => host })
      .build();
    await find(pipeline, LABELS);
    expect(host.liveTensors).toBe(0);
    const controller = new AbortController();
    pipeline.events.on('stage:end', ({ slot }) => slot === 'FeatureFuser' && controller.abort());
    const request = { task: 'semantic', labels: LABELS } as const;
    await expect(pipeline.segment(image, request, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(host.liveTensors).toBe(0);
  });
});

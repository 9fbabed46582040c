import { createRegistry, definePlugin, defineStage, PointPrompter } from '@maskloom/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { codeOf } from './code.js';

const points = defineStage({
  slot: PointPrompter,
  name: 'toy/points',
  summary: 'Points.',
  options: z.object({ count: z.int().default(3) }),
  needs: [],
  gives: [],
  create: () => {
    throw new Error('never made');
  },
});
const registry = createRegistry().register(
  definePlugin({ name: 'toy', version: '1.0.0', api: '^1.0', stages: [points] }),
);
const models = { bundle: "it's", device: 'cpu' };

it('writes swapped stages with their options, and what is asked, points included', () => {
  const stages = { PointPrompter: { stage: 'toy/points', options: { count: 5 } } };
  const code = codeOf(registry, { recipe: 'read/full', stages }, models, {
    task: 'prompted',
    text: 'a "@Float32Array:1" here',
    prompts: [{ points: { frame: 'ImagePx', xy: Float32Array.of(80, 48.5), labels: Int8Array.of(1) } }],
  });
  expect(code).toContain(
    "createSpec(registry.stage('toy/points', { name: 'PointPrompter' }), {\"count\":5})",
  );
  expect(code).toContain('"xy":Float32Array.from([80,48.5]),"labels":Int8Array.from([1])');
  expect(code).toContain('"text":"a \\"@Float32Array:1\\" here"');
  expect(code).toContain("findBundle('it\\'s')");
});

it('refuses stages that there are not, which are never written down', () => {
  const stages = { PointPrompter: { stage: "toy/x'); evil(" } };
  expect(() => codeOf(registry, { recipe: 'read/full', stages }, models, { task: 'free' })).toThrow(
    expect.objectContaining({ code: 'VALUE_INVALID' }),
  );
});

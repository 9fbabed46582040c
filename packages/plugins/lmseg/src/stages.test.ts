import { describe, expect, it } from 'vitest';
import { conformanceCases } from '@maskloom/core/conformance';
import { clipDense, clipText } from '@maskloom/clip';
import { semanticAssembler } from './assemble/semantic-assembler.js';
import { costAggregation } from './cost/aggregator.js';
import { plainCosts } from './cost/plain-costs.js';
import { denseOnly } from './fusion/dense-only.js';
import { fusion } from './fusion/fusion.js';
import { maskPooledLabels } from './naming/mask-pooled-labels.js';
import { allAttributes, oneAttribute } from './prompts/described.js';
import { bareName, template } from './prompts/plain-writers.js';
import { TOY_SIZES, toyLmseg } from './toy-lmseg.test-helper.js';
import { denseViews } from './views/views.js';

const options = { host: () => toyLmseg(), sizes: TOY_SIZES };
const cases = [
  ...conformanceCases('Tiler', denseViews(), options),
  ...conformanceCases('Tiler', denseViews({ mode: 'whole' }), options),
  ...conformanceCases('VisionEncoder', clipDense(), options),
  ...conformanceCases('TextEmbedder', clipText(), options),
  ...conformanceCases('PromptWriter', bareName(), options),
  ...conformanceCases('PromptWriter', template(), options),
  ...conformanceCases('PromptWriter', oneAttribute({ attribute: 'shape-size' }), options),
  ...conformanceCases('PromptWriter', allAttributes(), options),
  ...conformanceCases('FeatureFuser', fusion(), options),
  ...conformanceCases('FeatureFuser', fusion({ weight: 0.5 }), options),
  ...conformanceCases('FeatureFuser', denseOnly(), options),
  ...conformanceCases('CostAggregator', costAggregation({ chunk: 2 }), options),
  ...conformanceCases('CostAggregator', plainCosts(), options),
  ...conformanceCases('CategoryGenerator', maskPooledLabels(), options),
  ...conformanceCases('SemanticAssembler', semanticAssembler(), options),
  ...conformanceCases('SemanticAssembler', semanticAssembler({ output: 'per-class' }), options),
];

describe('every stage keeps the contract of its slot', () => {
  it.each(cases.map((one) => [one.name, one.run] as const))('%s', (_, run) => run());
});

it('the upsampling model names what it lacks', async () => {
  const spec = costAggregation();
  const context = { models: toyLmseg(), signal: new AbortController().signal, warn: () => undefined };
  const stage = await spec.create(context);
  const { fakeTensor, fakeRun } = await import('@maskloom/core/conformance');
  const tensor = fakeTensor('float32', [1, 8, 4, 4], new Float32Array(128));
  const transform = {} as never;
  const features = { space: 'x', layout: 'grid', tensor, width: 8, rows: 4, columns: 4, transform } as const;
  const view = { fused: { features }, guidance: features };
  const text = { count: 1, width: 8, values: new Float32Array(8) };
  await expect(stage.prepare([view], text, fakeRun())).rejects.toMatchObject({
    code: 'STAGE_MISMATCH',
    message: expect.stringContaining('2 intermediate layers') as string,
  });
});

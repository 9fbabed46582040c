import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ImageFrame } from '../domain/image-frame.js';
import { defineRecipe } from '../define-recipe.js';
import { MaskloomError } from '../errors/maskloom-error.js';
import type { AnyRecipe } from '../recipe.js';
import { LabelMapper, PromptWriter } from '../slots/slot.js';
import { defineStage } from '../stage/define-stage.js';
import { compose } from './compose.js';

const image: ImageFrame = { width: 2, height: 1, rgb: new Uint8Array(6), sha256: 'a' };

describe('smoke', () => {
  it('runs', async () => {
    const log: string[] = [];
    const writer = defineStage({
      slot: PromptWriter,
      name: 'demo/writer',
      summary: 'w',
      options: z.object({ suffix: z.string().default('!') }),
      needs: ['candidates'],
      gives: ['descriptions'],
      create: (o) => ({
        describe: async (names) => names.map((n) => [n + o.suffix]),
        dispose: () => void log.push('writer'),
      }),
    });
    const mapper = defineStage({
      slot: LabelMapper,
      name: 'demo/mapper',
      summary: 'm',
      options: z.object({}),
      needs: ['descriptions'],
      gives: ['names'],
      create: () => ({
        map: async (names) => names.map((n) => ({ label: n, score: 1, how: 'exact' })),
        dispose: () => void log.push('mapper'),
      }),
    });
    const recipe = defineRecipe({
      system: 'demo',
      name: 'r',
      summary: 's',
      tasks: ['semantic'],
      wiring: {
        PromptWriter: { supplies: ['candidates'], demands: ['descriptions'] },
        LabelMapper: { supplies: ['descriptions'], demands: [] },
      },
      stages: { PromptWriter: writer(), LabelMapper: mapper() },
      run: async (s, _i, request, run) => {
        const d = await s.PromptWriter.describe(request.labels ?? [], run);
        const m = await s.LabelMapper.map(d.flat(), [], run);
        return { answer: m.map((x) => x.label).join(' '), segments: [] };
      },
    });
    const p = await compose(recipe)
      .with(PromptWriter, writer({ suffix: '?' }))
      .build();
    const out = await p.segment(image, { task: 'semantic', labels: ['a', 'b'] });
    expect(out.answer).toBe('a? b?');
    expect(out.stages.map((s) => s.slot)).toEqual(['PromptWriter', 'LabelMapper']);
    await p.dispose();
    expect(log).toEqual(['mapper', 'writer']);
    await expect(
      compose(recipe as AnyRecipe)
        .with(PromptWriter, mapper() as never)
        .build(),
    ).rejects.toSatisfy((e) => MaskloomError.is(e) && e.code === 'STAGE_MISMATCH');
  });
});

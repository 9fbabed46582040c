import { describe, expect, it } from 'vitest';
import { defineRecipe } from './define-recipe.js';
import { newLog, toyEncoder, toyRecipe } from './pipeline/toy-system.test-helper.js';
import { recipeId } from './recipe.js';

const parts = { summary: '', tasks: ['free' as const], run: async () => ({ answer: '', segments: [] }) };
const wiring = { Encoder: { supplies: ['image'], demands: ['mask-features'] } } as const;

describe('defineRecipe', () => {
  it('gives a frozen value', () => {
    const recipe = toyRecipe(newLog());
    expect(recipeId(recipe)).toBe('toy/chain');
    for (const part of [
      recipe,
      recipe.wiring,
      recipe.stages,
      recipe.tasks,
      recipe.wiring.Encoder,
      recipe.wiring.Encoder.supplies,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('does not follow later changes of what it was made from', () => {
    const tasks: 'free'[] = ['free'];
    const recipe = defineRecipe({
      ...parts,
      tasks,
      system: 'a',
      name: 'b',
      wiring,
      stages: { Encoder: toyEncoder([])() },
    });
    tasks.pop();
    expect(recipe.tasks).toEqual(['free']);
  });

  it('refuses names, unknown slots and slots without a stage', () => {
    const stages = { Encoder: toyEncoder([])() };
    expect(() => defineRecipe({ ...parts, system: 'My System', name: 'b', wiring, stages })).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID' }),
    );
    const typo = { Encodr: wiring.Encoder } as never;
    expect(() =>
      defineRecipe({ ...parts, system: 'a', name: 'b', wiring: typo, stages: {} as never }),
    ).toThrow(
      expect.objectContaining({
        code: 'SLOT_UNKNOWN',
        message: expect.stringContaining("Did you mean 'Encoder'?"),
      }),
    );
    expect(() => defineRecipe({ ...parts, system: 'a', name: 'b', wiring, stages: {} as never })).toThrow(
      expect.objectContaining({ code: 'STAGE_MISMATCH', message: expect.stringContaining('stages.Encoder') }),
    );
  });
});

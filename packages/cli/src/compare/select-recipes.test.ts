import { recipeId, type Task } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { createDefaultRegistry } from '../default-registry.js';
import { selectRecipes } from './select-recipes.js';

const registry = createDefaultRegistry();
const available = ['stacked-seg/single', 'read/seg', 'read/points', 'read/full'];
const select = (systems: readonly string[] | undefined, task: Task = 'referring') =>
  selectRecipes(registry, { task, available, ...(systems && { systems }) }).map(recipeId);

describe('selectRecipes', () => {
  it('takes every recipe of the bundle, in its order, when nothing is asked for', () => {
    expect(select(undefined)).toEqual(available);
    expect(select(['all'])).toEqual(available);
  });

  it('takes all recipes of a system and single recipes, each once, in the order asked for', () => {
    expect(select(['read'])).toEqual(['read/seg', 'read/points', 'read/full']);
    expect(select(['read/full', 'stacked-seg', 'read'])).toEqual([
      'read/full',
      'stacked-seg/single',
      'read/seg',
      'read/points',
    ]);
  });

  it('runs a recipe that takes the models of another of its system only when it is named', () => {
    expect(select(['read/maps'])).toEqual(['read/maps']);
    expect(select(['read/maps', 'read'])).toEqual(['read/maps', 'read/seg', 'read/points', 'read/full']);
  });

  it.each([
    [['raed'], 'SYSTEM_UNKNOWN', "Did you mean 'read'?"],
    [['read/ful'], 'RECIPE_UNKNOWN', "Did you mean 'read/full'?"],
    [['read/seg-points'], 'BUNDLE_INVALID', 'read/points'],
  ])('refuses %s with %s', (systems, code, hint) => {
    expect(() => select(systems)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(hint) }),
    );
  });

  it.each([[undefined], [['read']], [['read/full']]])(
    'names the tasks that can be done when %s cannot do the one asked for',
    (systems) => {
      expect(() => select(systems, 'semantic')).toThrow(
        expect.objectContaining({
          code: 'TASK_UNSUPPORTED',
          message: expect.stringContaining('referring, reasoning'),
        }),
      );
    },
  );
});

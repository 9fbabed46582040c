import { expect, it } from 'vitest';
import { everything, everythingNamed } from '@maskloom/sam';
import { createDefaultRegistry } from '../default-registry.js';
import { selectRecipes } from '../compare/select-recipes.js';
import { recipeEntries } from './recipe-entries.js';

it('are all that a recipe needs, the first that is there of each', () => {
  expect(recipeEntries(everything, ['sam/everything'])).toEqual(['sam/everything']);
  expect(recipeEntries(everythingNamed, ['sam/everything'])).toBeUndefined();
  expect(recipeEntries(everythingNamed, ['siglip/towers', 'sam/everything', 'lmseg/full'])).toEqual([
    'sam/everything',
    'siglip/towers',
  ]);
});

it('decide what can run, and say which bundle is missing', () => {
  const registry = createDefaultRegistry();
  const systems = ['sam/everything-named'];
  const choice = { systems, task: 'semantic', available: ['sam/everything', 'clip/towers'] } as const;
  expect(selectRecipes(registry, choice)).toEqual([everythingNamed]);
  const alone = { ...choice, available: ['sam/everything'] };
  expect(() => selectRecipes(registry, alone)).toThrow(/clip\/towers or siglip\/towers.*second --bundle/s);
  const all = { task: ['semantic', 'free'], available: ['sam/everything'] } as const;
  expect(selectRecipes(registry, all)).toEqual([everything]);
});

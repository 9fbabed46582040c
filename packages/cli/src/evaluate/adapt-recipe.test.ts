import type { AnyRecipe } from '@maskloom/core';
import { expect, it } from 'vitest';
import { createDefaultRegistry } from '../default-registry.js';
import { applyOverrides, askingBy, forManyQuestions } from './adapt-recipe.js';

const registry = createDefaultRegistry();
const full = registry.recipe('read/full');
const options = (recipe: AnyRecipe | undefined): Readonly<Record<string, unknown>> =>
  (recipe?.stages.LanguageModel as { options: Record<string, unknown> } | undefined)?.options ?? {};
const saying = (given: Readonly<Record<string, string>>): AnyRecipe =>
  applyOverrides(full, { stages: { LanguageModel: { options: given } } }, registry);

it("puts the weights' own answer in the mouth, or the row's, and none where answers are the system's own", () => {
  const forced = (recipe: AnyRecipe, really: boolean): unknown =>
    options(forManyQuestions(recipe, registry, really))['forcedAnswer'];
  expect(forced(full, true)).toBe(true);
  expect(forced(saying({ forcedAnswer: 'Sure, [SEG].' }), true)).toBe('Sure, [SEG].');
  expect(forced(saying({ forcedAnswer: 'Sure, [SEG].' }), false)).toBeUndefined();
  expect(forced(full, false)).toBeUndefined();
});

it("asks by another of the weights' questions, unless there is none or the row says how", async () => {
  const preset = async () => ({ questions: { short: { text: 'What is {text}?' } } });
  expect(options(await askingBy('short', full, preset, registry))['question']).toBe('short');
  expect(await askingBy('long', full, preset, registry)).toBeUndefined();
  expect(await askingBy('short', full, async () => ({}), registry)).toBeUndefined();
  expect(await askingBy('short', saying({ question: 'Show {text}.' }), preset, registry)).toBeUndefined();
  expect(await askingBy('short', registry.recipe('rose/patch'), preset, registry)).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import { newLog, toyEncoder, toyPrompter, toyRecipe } from '../pipeline/toy-system.test-helper.js';
import { PointPrompter } from '../slots/slot.js';
import { definePlugin, type PluginDefinition } from './plugin.js';
import { createRegistry } from './registry.js';

const plugin = (changes: Partial<PluginDefinition> = {}) =>
  definePlugin({ name: 'toy', version: '0.3.0', api: '^1.0', ...changes });

describe('the plugin registry', () => {
  const encoder = toyEncoder(newLog());
  const prompter = toyPrompter(newLog());
  const chain = toyRecipe(newLog());
  const short = toyRecipe(newLog(), undefined, 'short');
  const registry = createRegistry().register(
    plugin({ stages: [encoder, prompter], recipes: [chain, short] }),
  );

  it('finds recipes by id, and a system by its name alone', () => {
    expect(registry.recipe('toy/short')).toBe(short);
    expect(registry.recipe('toy')).toBe(chain);
    expect(registry.systems()).toEqual([{ system: 'toy', plugin: 'toy', recipes: [chain, short] }]);
  });

  it('lists stages, of one slot or all', () => {
    expect(registry.stages()).toEqual([encoder, prompter]);
    expect(registry.stages(PointPrompter)).toEqual([prompter]);
    expect(registry.stage('toy/encoder')).toBe(encoder);
    expect(() => registry.stage('toy/encodr')).toThrow("Did you mean 'toy/encoder'?");
  });

  it.each([
    ['tyo/chain', 'SYSTEM_UNKNOWN', "Did you mean 'toy'?"],
    ['toy/chian', 'RECIPE_UNKNOWN', "Did you mean 'toy/chain'?"],
    ['toy/', 'RECIPE_UNKNOWN', 'toy/chain, toy/short'],
    ['', 'SYSTEM_UNKNOWN', 'Valid: toy.'],
  ])('does not know %j', (id, code, hint) => {
    expect(() => registry.recipe(id)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(hint) as string }),
    );
  });

  it.each(['^1.0', '1', '~1.0.0', '>=0.9 <2', '1.0.0'])('takes a plugin for API %s', (api) => {
    expect(createRegistry().register(plugin({ api })).plugins).toHaveLength(1);
  });

  it.each(['^2.0', '~1.1', '0.9.0', 'latest!'])('refuses a plugin for API %s', (api) => {
    expect(() => createRegistry().register(plugin({ api }))).toThrow(
      expect.objectContaining({ code: 'PLUGIN_INCOMPATIBLE', where: 'toy' }),
    );
  });

  it('refuses what is registered already, and then registers nothing of the plugin', () => {
    const fresh = createRegistry().register(plugin({ stages: [encoder], recipes: [chain] }));
    for (const twice of [
      plugin(),
      plugin({ name: 'other', stages: [prompter, encoder] }),
      plugin({ name: 'other', stages: [prompter], recipes: [short, chain] }),
      plugin({ name: 'other', stages: [prompter, prompter] }),
    ]) {
      expect(() => fresh.register(twice)).toThrow(expect.objectContaining({ code: 'PLUGIN_DUPLICATE' }));
    }
    expect(fresh.stages()).toEqual([encoder]);
    expect(fresh.plugins).toHaveLength(1);
  });

  it('refuses a name that is not kebab-case', () => {
    expect(() => plugin({ name: 'My Plugin' })).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });
});

import { clipPlugin } from '@maskloom/clip';
import { createRegistry, type Registry } from '@maskloom/core';
import { llavaPlugin } from '@maskloom/llava';
import { lmsegPlugin } from '@maskloom/lmseg';
import { readPlugin } from '@maskloom/read';
import { refinePlugin } from '@maskloom/refine';
import { rosePlugin } from '@maskloom/rose';
import { samPlugin } from '@maskloom/sam';
import { stackedSegPlugin } from '@maskloom/stacked-seg';

/**
 * A registry with every system that comes with the command, and the stages they are made of. Register more
 * plugins to compare them too.
 */
export function createDefaultRegistry(): Registry {
  return [
    stackedSegPlugin,
    readPlugin,
    rosePlugin,
    samPlugin,
    clipPlugin,
    llavaPlugin,
    lmsegPlugin,
    refinePlugin,
  ].reduce((registry, plugin) => registry.register(plugin), createRegistry());
}

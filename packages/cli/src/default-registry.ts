import { createRegistry, type Registry } from '@maskloom/core';
import { readPlugin } from '@maskloom/read';
import { samPlugin } from '@maskloom/sam';
import { stackedSegPlugin } from '@maskloom/stacked-seg';

/** A registry with every system that comes with the command. Register more plugins to compare them too. */
export function createDefaultRegistry(): Registry {
  return createRegistry().register(stackedSegPlugin).register(readPlugin).register(samPlugin);
}

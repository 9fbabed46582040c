import { MaskloomError, suggest } from '@maskloom/core';
import { instances } from './instances.js';
import { premises } from './premises.js';
import { reasoning } from './reasoning.js';
import { referring } from './referring.js';
import { freeSemantic, inventedSemantic, semantic } from './semantic.js';
import { similarity } from './similarity.js';
import type { Protocol } from './protocol.js';

/** Every way of questioning, by name. */
export function protocols(): readonly Protocol[] {
  return [referring, premises, reasoning, similarity, semantic, freeSemantic, inventedSemantic, instances];
}

/**
 * A protocol by its name.
 * @throws MaskloomError `VALUE_INVALID` naming the nearest
 */
export function protocolNamed(name: string): Protocol {
  const all = protocols();
  const found = all.find((protocol) => protocol.name === name);
  if (found !== undefined) return found;
  throw new MaskloomError('VALUE_INVALID', `There is no protocol '${name}'.`, {
    where: name,
    hint: suggest(
      name,
      all.map((protocol) => protocol.name),
    ),
  });
}

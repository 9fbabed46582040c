import { MaskloomError, suggest } from '@maskloom/core';
import { anyName } from './any-name.js';
import { instances, openInstances } from './instances.js';
import { premises } from './premises.js';
import { prompted } from './prompted.js';
import { reasoning } from './reasoning.js';
import { referring } from './referring.js';
import { freeSemantic, inventedSemantic, openSemantic, semantic } from './semantic.js';
import { similarity } from './similarity.js';
import { twoTargets } from './two-targets.js';
import type { Protocol } from './protocol.js';

/** Every way of questioning, by name. */
export function protocols(): readonly Protocol[] {
  return [
    referring,
    twoTargets,
    premises,
    reasoning,
    similarity,
    semantic,
    freeSemantic,
    openSemantic,
    inventedSemantic,
    instances,
    openInstances,
    anyName,
    prompted,
  ];
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

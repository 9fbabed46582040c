import type { DatasetClass } from '../open/dataset.js';

/**
 * Takes a name of PACO or PASCAL-Part apart: `object:part`, each without what follows `_(` (as LISA does); spaces for
 * underscores.
 */
export function withPart(one: DatasetClass): DatasetClass {
  const [object = '', part] = one.name
    .split(':')
    .map((text) => (text.split('_(')[0] as string).replaceAll('_', ' ').trim());
  return part === undefined ? { ...one, object } : { ...one, object, part };
}

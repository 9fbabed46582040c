import { MaskloomError, suggest } from '@maskloom/core';
import { bertAdapter } from '../bert/adapt-bert.js';
import { clipAdapter } from '../clip/adapt-clip.js';
import { siglipAdapter } from '../clip/adapt-siglip.js';
import { oneVisionAdapter, qwen2Adapter } from '../language/adapt-language.js';
import { samAdapter } from '../sam/adapt-sam.js';
import { sam2Adapter } from '../sam/adapt-sam2.js';
import type { Adapter } from './adapter.js';
import type { Json } from './repository-files.js';

const ADAPTERS: readonly Adapter[] = [
  samAdapter,
  sam2Adapter,
  clipAdapter,
  siglipAdapter,
  qwen2Adapter,
  oneVisionAdapter,
  bertAdapter,
];

/** Values of `model_type` of which ready-made repositories are read. */
export const READY_MODEL_TYPES: readonly string[] = ADAPTERS.flatMap(({ modelTypes }) => modelTypes);

/**
 * The adapter of a repository.
 * @throws MaskloomError MODEL_UNSUPPORTED naming those that there are
 */
export function adapterFor(config: Json | undefined, id: string): Adapter {
  const type = config?.['model_type'];
  const adapter = ADAPTERS.find(({ modelTypes }) => typeof type === 'string' && modelTypes.includes(type));
  if (adapter !== undefined) return adapter;
  const what =
    typeof type === 'string'
      ? `is of model_type '${type}', which is not read`
      : 'does not say its model_type';
  throw new MaskloomError('MODEL_UNSUPPORTED', `The repository ${id} ${what}.`, {
    where: `${id}: config.json`,
    hint: suggest(typeof type === 'string' ? type : '', READY_MODEL_TYPES),
  });
}

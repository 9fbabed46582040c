import { token, type Token } from '../ports/container.js';
import type { ModelHost } from '../ports/model-host.js';
import type { ModelSource } from '../ports/model-source.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { SlotName, SlotStages } from '../slots/slot-stages.js';

/** Where models come from when a builder was given no `.on(source)`: a host application may bind it. */
export const MODEL_SOURCE: Token<ModelSource> = token('maskloom:model-source');

/** The pipeline's own models; bound in its child container. */
export const MODEL_HOST: Token<ModelHost> = token('maskloom:model-host');

/**
 * The built stage of a slot; bound in the pipeline's child container.
 * @param slot - the slot's name
 */
export function stageToken<K extends SlotName>(slot: K): Token<SlotStages[K]> {
  return token(`maskloom:stage:${slot}`);
}

/**
 * A pipeline by its recipe's id; what `bindPipeline` binds in a host application's container.
 * @param id - `system/name`
 */
export function pipelineToken(id: string): Token<Pipeline> {
  return token(`maskloom:pipeline:${id}`);
}

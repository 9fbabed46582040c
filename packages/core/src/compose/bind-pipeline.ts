import { pipelineToken } from '../container/tokens.js';
import type { Wiring } from '../recipe.js';
import { recipeId } from '../recipe.js';
import type { Container, Token } from '../ports/container.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { PipelineBuilder } from './compose.js';

/**
 * Lets a host application resolve a pipeline from its own container: built at the first `resolve`, disposed with
 * the container. The pipeline sees the container's bindings (such as MODEL_SOURCE).
 * @param container - the host's container behind the port, e.g. `inversifyContainer(existing)`
 * @param builder - what to build; an own `.using(...)` is replaced
 * @param token - where to bind it (default: `pipelineToken` of the recipe's id)
 * @returns the token
 */
export function bindPipeline<W extends Wiring>(
  container: Container,
  builder: PipelineBuilder<W>,
  token: Token<Pipeline> = pipelineToken(recipeId(builder.recipe)),
): Token<Pipeline> {
  container.bindFactory(token, (within) => builder.using(within).build(), {
    dispose: (pipeline) => pipeline.dispose(),
  });
  return token;
}

import type { Tensor } from '../domain/tensor.js';
import type { RunContext, Stage } from './stage.js';

/** Hidden states to the mask decoder's prompt embeddings (LISA's text projection). */
export interface QueryProjector extends Stage {
  /**
   * @param states - N tensors [1, hidden]
   * @returns [N, E, decoder width]
   */
  project(states: readonly Tensor[], run: RunContext): Promise<Tensor>;
}

import type { RunContext, Stage } from './stage.js';

/** Class names to descriptive sentences (colour, shape and size, texture and material). */
export interface PromptWriter extends Stage {
  /** @returns for each name, in order, one or more sentences */
  describe(names: readonly string[], run: RunContext): Promise<readonly (readonly string[])[]>;
}

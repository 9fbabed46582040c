import type { BuildContext, RunContext } from '@maskloom/core';
import type { DescribedBy } from './variants.js';

/** Writes sentences about classes. */
export interface Describer {
  /**
   * @param by - what the sentences are to speak of
   * @returns for each name, in order, its sentences; nothing for a name that it knows nothing of
   */
  describe(
    names: readonly string[],
    by: DescribedBy,
    run: RunContext,
  ): Promise<readonly (readonly string[] | undefined)[]>;
}

/** Where descriptions come from: a file, a language model, a world's own vocabulary, or code of one's own. */
export interface DescriptionSource {
  /** Shown in reports and provenance. */
  readonly name: string;
  /** Makes the describer when a pipeline is built. */
  open(context: BuildContext): Promise<Describer> | Describer;
}

import type { RunContext, Stage } from './stage.js';

/** How a free-text name was matched with a label; `label` is undefined when nothing fits. */
export interface LabelMatch {
  /** One of the given labels, or nothing. */
  readonly label: string | undefined;
  /** How well it fits; higher is better. */
  readonly score: number;
  /** How the match was made, e.g. `exact`, `synonym`, `similarity`. */
  readonly how: string;
}

/** Free-text names to a data set's labels. Named in every score that depends on it. */
export interface LabelMapper extends Stage {
  map(names: readonly string[], labels: readonly string[], run: RunContext): Promise<readonly LabelMatch[]>;
}

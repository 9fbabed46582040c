import type { Task } from '@maskloom/core';
import type { ReportTruth } from '@maskloom/report';

/** An image with its own question, and what is known about it. */
export interface ComparedImage {
  /** A file. */
  readonly path: string;
  /** What to find in it; the comparison's text when absent. */
  readonly text?: string;
  /** The comparison's task when absent. */
  readonly task?: Task;
  /** The kind of question, shown in the report. */
  readonly kind?: string;
  /** Candidate names; the comparison's when absent. */
  readonly labels?: readonly string[];
  /** The form of the data set it comes from; absent for pictures of the bundle's own world and for those of one's own. */
  readonly dataset?: string;
  /** What is really there, shown and scored in the report. */
  readonly truth?: ReportTruth;
}

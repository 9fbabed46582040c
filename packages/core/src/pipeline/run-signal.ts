import { onAbort } from '@maskloom/masks';

/** A run's own signal, aborted with either of two others. */
export interface RunSignal {
  readonly signal: AbortSignal;
  /** Detaches from the others; must be called when the run ends, or long-lived signals would collect runs. */
  detach(): void;
}

/**
 * Joins the caller's signal and the pipeline's.
 * AbortSignal.any is not used: on Node 20 its dependents outlive the run on a long-lived signal.
 */
export function runSignal(...sources: (AbortSignal | undefined)[]): RunSignal {
  const controller = new AbortController();
  const waits = sources.map((source) => onAbort(source, () => controller.abort(source?.reason)));
  return { signal: controller.signal, detach: () => waits.forEach((end) => end()) };
}

import type { Answer, QueuedRun } from '../protocol/messages.js';

/**
 * Whether a worker worked with what the run has: its code, and the weights of the unit's recipe.
 * @param subject - index of the unit's subject
 * @returns why not; `undefined` when it did
 */
export function whyRefused({ by }: Answer, subject: number, run: QueuedRun): string | undefined {
  if (by.code !== run.code) return `${by.worker} runs ${by.code}, the run needs ${run.code}`;
  if (by.subject !== run.subjects[subject])
    return `${by.worker} has other weights or plugins for ${run.plan.subjects[subject]?.recipe ?? `subject ${subject}`}: ${by.subject.slice(0, 8)}, the run has ${String(run.subjects[subject]).slice(0, 8)}`;
  return undefined;
}

import type { Pipeline, StageEndEvent } from '@maskloom/core';

/** Milliseconds by stage, for as long as it is not disposed. */
export interface StageTimes extends Disposable {
  /** Wall time of each stage's calls in whole milliseconds, calls to other stages within not counted; by the stage's name. */
  readonly ms: Readonly<Record<string, number>>;
}

/** Adds up how long the stages of some pipelines take from now on. */
export function stageTimes(pipelines: readonly Pipeline[]): StageTimes {
  const spent = new Map<string, number>();
  const add = ({ stage, ms }: StageEndEvent): void => void spent.set(stage, (spent.get(stage) ?? 0) + ms);
  for (const { events } of pipelines) events.on('stage:end', add);
  return {
    get ms() {
      return Object.fromEntries([...spent].map(([stage, ms]) => [stage, Math.round(ms)]));
    },
    [Symbol.dispose]() {
      for (const { events } of pipelines) events.off('stage:end', add);
    },
  };
}

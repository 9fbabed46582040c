import type { PipelineEventMap, PipelineEvents } from './events.js';

/** Sends one event. */
export interface EmitEvent {
  <E extends keyof PipelineEventMap>(event: E, payload: PipelineEventMap[E][0]): void;
  /** Tells whether anybody listens. */
  readonly heard: (event: keyof PipelineEventMap) => boolean;
}

/**
 * An emitter whose listeners cannot disturb the run: what a listener throws is thrown again outside of it,
 * as the platform does for event targets.
 */
export function emitTo(events: PipelineEvents): EmitEvent {
  const emit = <E extends keyof PipelineEventMap>(event: E, payload: PipelineEventMap[E][0]): void => {
    if (events.listenerCount(event) === 0) return;
    try {
      (events.emit as (name: string, value: unknown) => boolean).call(events, event, payload);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  return Object.assign(emit, {
    heard: (event: keyof PipelineEventMap) => events.listenerCount(event) > 0,
  });
}

import type { TensorScope } from '../ports/model-host.js';
import { tensorScope } from '../ports/tensor-scope.js';
import type { RunContext } from '../slots/stage.js';

/** A run context that remembers what a stage told it. */
export interface FakeRun extends RunContext {
  /** What `warn` was told. */
  readonly warnings: readonly string[];
  /** What `progress` was told. */
  readonly fractions: readonly number[];
  /** What `show` was told. */
  readonly shown: readonly string[];
}

/**
 * Makes a run context for calling a stage directly.
 * @param options - `signal` (default: never aborted) and `scope` (default: a new one)
 */
export function fakeRun(
  options: { readonly signal?: AbortSignal; readonly scope?: TensorScope } = {},
): FakeRun {
  const warnings: string[] = [];
  const fractions: number[] = [];
  const shown: string[] = [];
  return {
    signal: options.signal ?? new AbortController().signal,
    scope: options.scope ?? tensorScope(),
    warnings,
    fractions,
    warn: (message) => void warnings.push(message),
    shown,
    progress: (fraction) => void fractions.push(fraction),
    show: (text) => void shown.push(text),
  };
}

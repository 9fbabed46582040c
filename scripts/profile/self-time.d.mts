/** The parts of a .cpuprofile that are read: times in microseconds, a sampled node and the time since the one before each. */
export interface CpuProfile {
  readonly startTime: number;
  readonly endTime: number;
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where a function is; V8 counts lines from 0. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** Milliseconds: `busy` is all but `idle`, `garbage` collection is part of it. */
export interface SelfTime {
  readonly idle: number;
  readonly busy: number;
  readonly garbage: number;
  readonly packages: readonly (readonly [name: string, ms: number])[];
  readonly functions: readonly (readonly [name: string, ms: number])[];
}

/** Time spent in functions themselves, between `from` and `until` in microseconds. */
export function selfTime(
  profile: CpuProfile,
  window?: { readonly from?: number; readonly until?: number },
): SelfTime;

/** The package that a function is of. */
export function packageOf(frame: CallFrame): string;

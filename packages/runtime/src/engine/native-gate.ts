const BUSY = 0;
const CLOSED = 1;

/**
 * Tells the main thread whether a worker is inside native code, and keeps it out once closed. A
 * thread that ends in the middle of an ONNX Runtime call takes the whole process down with it
 * (SIGABRT, onnxruntime-node 1.30), so nobody may end it there: not even the end of the process.
 */
export class NativeGate {
  /** The memory to hand to the other thread. */
  readonly memory: SharedArrayBuffer;
  readonly #flags: Int32Array;

  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#flags = new Int32Array(memory);
  }

  /** In the worker: does native work, or nothing ever again when the gate is closed. */
  async within<T>(work: () => Promise<T>): Promise<T> {
    // Busy first, then the look at the gate: closing does it the other way round, so one of the two sees the other.
    Atomics.store(this.#flags, BUSY, 1);
    if (Atomics.load(this.#flags, CLOSED) === 1) {
      this.#leave();
      return new Promise<never>(() => undefined);
    }
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /**
   * On the main thread: lets no further call in and waits, blocking, for the one inside.
   * @returns false when it was still inside after `timeoutMs`
   */
  close(timeoutMs: number): boolean {
    Atomics.store(this.#flags, CLOSED, 1);
    return Atomics.wait(this.#flags, BUSY, 1, timeoutMs) !== 'timed-out';
  }

  #leave(): void {
    Atomics.store(this.#flags, BUSY, 0);
    Atomics.notify(this.#flags, BUSY);
  }
}

const OPEN = new Set<NativeGate>();
const EXIT_WAIT_MS = 60_000;

/** From now on the end of this process waits until the worker behind the gate is outside native code. */
export function guardExit(gate: NativeGate): void {
  if (OPEN.size === 0) process.on('exit', closeAll);
  OPEN.add(gate);
}

/** The worker has ended; nothing is left to wait for. */
export function unguardExit(gate: NativeGate): void {
  OPEN.delete(gate);
  if (OPEN.size === 0) process.off('exit', closeAll);
}

function closeAll(): void {
  for (const gate of OPEN) gate.close(EXIT_WAIT_MS);
}

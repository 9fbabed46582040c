/** Work that is done a piece at a time, so that the page stays quick. */
export interface Pieces {
  /** Puts pieces behind those that wait; each must be short. */
  add(pieces: readonly (() => void)[]): void;
  /** Forgets what waits. */
  clear(): void;
}

/** How long pieces follow each other without a pause, in milliseconds. */
const SLICE_MS = 8;

/**
 * Does pieces one after the other.
 * @param pauseMs - after each few; long enough for a frame where pieces paint, so that no frame has the work of many
 */
export function inPieces(pauseMs: number): Pieces {
  let waiting: (() => void)[] = [];
  let timer = 0;
  const work = (): void => {
    timer = 0;
    const until = performance.now() + SLICE_MS;
    do waiting.shift()?.();
    while (waiting.length > 0 && performance.now() < until);
    next();
  };
  const next = (): void => {
    if (waiting.length > 0 && timer === 0) timer = window.setTimeout(work, pauseMs);
  };
  return {
    add(pieces) {
      waiting.push(...pieces);
      next();
    },
    clear() {
      waiting = [];
    },
  };
}

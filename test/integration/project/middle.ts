/** A place along a side. */
export const middle = (side: number, share: number): number => Math.min(side - 1, side * share);

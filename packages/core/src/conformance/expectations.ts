import { MaskloomError } from '@maskloom/masks';

/**
 * States what must hold of a stage.
 * @throws MaskloomError CONFORMANCE_FAILED with what does not
 */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new MaskloomError('CONFORMANCE_FAILED', otherwise);
}

/** Both lists are equal. */
export function mustEqual(actual: readonly unknown[], expected: readonly unknown[], what: string): void {
  const same = actual.length === expected.length && actual.every((value, i) => Object.is(value, expected[i]));
  must(same, `${what} is [${actual.join(', ')}], not [${expected.join(', ')}].`);
}

/** Every number is finite. */
export function mustBeFinite(values: ArrayLike<number>, what: string): void {
  for (let i = 0; i < values.length; i++) must(Number.isFinite(values[i]), `${what}[${i}] is ${values[i]}.`);
}

/** Every number lies within [low, high]. */
export function mustLieWithin(values: ArrayLike<number>, low: number, high: number, what: string): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    must(value >= low && value <= high, `${what}[${i}] is ${value}, outside of ${low}..${high}.`);
  }
}

/** Numbers agree within a tolerance. */
export function mustAgree(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  must(actual.length === expected.length, `${what} has ${actual.length} values, not ${expected.length}.`);
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    must(difference <= tolerance, `${what}[${i}] is ${actual[i]}, not ${expected[i]}.`);
  }
}

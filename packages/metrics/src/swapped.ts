import { Prng } from '@maskloom/core';

/**
 * The swapped-phrase control: which other query of the same image stands in for each query. Its target must differ, so a
 * system that reads the phrase scores near 0 and one that only finds what is salient scores as before.
 *
 * `next` takes the next query in order, cyclic, with another target (what the training kit does); `random` draws one of
 * them with a seed.
 * @param targets - the target of each query of one image, in order; equal values are the same target
 * @param choice - `next`, or the seed of a random choice
 * @returns for each query the index of its stand-in, or `undefined` where every query has the same target
 */
export function swapPartners(
  targets: readonly (number | string)[],
  choice: 'next' | { readonly seed: number } = 'next',
): (number | undefined)[] {
  const prng = choice === 'next' ? undefined : new Prng(choice.seed);
  return targets.map((target, j) => {
    const others: number[] = [];
    for (let step = 1; step < targets.length; step++) {
      const other = (j + step) % targets.length;
      if (targets[other] !== target) others.push(other);
    }
    return prng === undefined || others.length === 0 ? others[0] : prng.pick(others);
  });
}

/** Draws the same random numbers in every run. */

/** Returns numbers from 0 to 1, 1 excluded. */
export type Chance = () => number;

/** The generator mulberry32, which is in the public domain. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draw an index; *weights* add up to 1. */
export function drawIndex(chance: Chance, weights: readonly number[]): number {
  let rest = chance();
  const index = weights.findIndex((weight) => (rest -= weight) < 0);
  return index < 0 ? weights.length - 1 : index;
}

/** Draw how many of *trials* succeed, each with *probability*. */
export function drawBinomial(chance: Chance, trials: number, probability: number): number {
  let successes = 0;
  // Jump from success to success.
  const skip = (): number => 1 + Math.floor(Math.log(1 - chance()) / Math.log(1 - probability));
  for (let trial = skip(); trial <= trials; trial += skip()) {
    successes += 1;
  }
  return successes;
}

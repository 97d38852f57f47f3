/** Measures what rounding costs the people who read the statistics. */

import { createChance } from "./chance.ts";
import { createPopulation } from "./population.ts";
import { type Rule } from "./rules.ts";

/** Smaller shares do not count. */
const LEAST_SHARE = 0.01;

export interface Loss {
  /** The errors of the published shares, in percentage points. */
  readonly errors: readonly number[];
  /** How many shares are too small to be published. */
  readonly hidden: number;
  /** Pairs of published cells of one field that differ in truth. */
  readonly pairs: number;
  /** Of these, how many have equal published numbers, and how many the wrong order. */
  readonly tied: number;
  readonly reversed: number;
}

/** Compare the published shares of one population with the true ones. */
export async function measureLoss(rule: Rule, installs: number, seed: number): Promise<Loss> {
  const chance = createChance(seed);
  const noiseOf = await rule.createNoise(rule, chance);
  const fields = await createPopulation(chance, installs, noiseOf);
  const total = rule.publish(installs, await noiseOf("", "total")) ?? NaN;
  const loss = { errors: [] as number[], hidden: 0, pairs: 0, tied: 0, reversed: 0 };
  for (const cells of fields) {
    const large = cells
      .filter(({ count }) => count / installs > LEAST_SHARE)
      .map(({ count, noise }) => ({ count, published: rule.publish(count, noise) }));
    const shown = large.filter(({ published }) => published !== null);
    loss.hidden += large.length - shown.length;
    for (const { count, published } of shown) {
      const share = Math.min(1, (published ?? 0) / total);
      loss.errors.push(100 * Math.abs(share - count / installs));
      for (const smaller of shown.filter((cell) => cell.count < count)) {
        const difference = (published ?? 0) - (smaller.published ?? 0);
        loss.pairs += 1;
        loss.tied += difference === 0 ? 1 : 0;
        loss.reversed += difference < 0 ? 1 : 0;
      }
    }
  }
  return loss;
}

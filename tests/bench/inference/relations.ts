/** Infers true counts from the fact that the cells of each field add up to the total. */

import { createChance } from "./chance.ts";
import { type Knowledge } from "./counts.ts";
import { FIELDS } from "./population.ts";
import { addUp, combineSums } from "./sums.ts";
import { type Rule } from "./rules.ts";

/** The two counts that the attacker asks for. */
export interface Relations {
  readonly total: Knowledge;
  /** The last field's first cell. It has two cells, so that one is the rest of the other. */
  readonly cell: Knowledge;
}

/**
 * Infer the total, and a cell of a field with two values, by Bayes' theorem.
 *
 * The attacker has sent fakes to every cell of every field until the sum of count and offset was
 * known for each, and for the total. Before that, all counts are equally likely.
 *
 * @param rule - one with fixed offsets from 0
 */
export async function inferRelated(rule: Rule, seed: number): Promise<Relations> {
  const noiseOf = await rule.createNoise(rule, createChance(seed));
  const probabilities = rule.noises.map(([, probability]) => probability);
  const fields = await Promise.all(
    Object.entries(FIELDS).map(([field, weights]) =>
      Promise.all(weights.map((_, value) => noiseOf(field, String(value)))),
    ),
  );
  const ofTotal = await noiseOf("", "total");
  // How likely each sum of the offsets of that many cells is.
  const sumOf = (cells: number, sum: number): number =>
    Array.from({ length: cells }, () => probabilities).reduce(
      (before, each) => combineSums(before, each, before.length + each.length),
      [1] as readonly number[],
    )[sum] ?? 0;
  const totals: number[] = [];
  const cells = probabilities.map(() => 0);
  const [last = []] = fields.slice(-1);
  for (const [candidate, probability] of probabilities.entries()) {
    // With this offset, the total would be smaller by as much, and all other offsets must make up for it.
    const shift = candidate - ofTotal;
    const weight = fields
      .slice(0, -1)
      .reduce((product, field) => product * sumOf(field.length, addUp(field) + shift), probability);
    totals.push(weight * sumOf(last.length, addUp(last) + shift));
    for (const offset of cells.keys()) {
      const rest = addUp(last) + shift - offset;
      cells[offset] =
        (cells[offset] ?? 0) + weight * (probabilities[offset] ?? 0) * sumOf(last.length - 1, rest);
    }
  }
  return { total: summarize(totals), cell: summarize(cells) };
}

function summarize(weights: readonly number[]): Knowledge {
  return {
    left: weights.filter((weight) => weight > 0).length,
    guess: Math.max(...weights) / addUp(weights),
  };
}

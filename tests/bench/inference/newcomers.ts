/** Guesses the rows of newcomers from the numbers of two consecutive editions. */

import { repeatsNumbers } from "../../../worker/src/statistics/changes.ts";
import { BASE, LEAST } from "../../../worker/src/statistics/rounding.ts";
import { createChance, type Chance } from "./chance.ts";
import { addRow, createPopulation, drawRow, type PopulationCell } from "./population.ts";
import { drawNoise, type Rule } from "./rules.ts";
import { addUp, combineSums } from "./sums.ts";

const INSTALLS = 1000;
const WEEKS = 52;

export interface RowAttacker {
  readonly name: string;
  /**
   * For each of the three periods of an edition, how many newcomers in a cell change its number. The
   * attacker sends as many fakes as that takes. One is the boundary; null means no fakes.
   */
  readonly thresholds: readonly (number | null)[];
  /** How many further fakes join in the same week. */
  readonly supplied: number;
}

/** Shares of right guesses: of each field of a row on average, and of whole rows. */
export interface Hits {
  readonly field: number;
  readonly row: number;
}

/**
 * Guess, each week for a year, the rows of *newcomers*.
 *
 * The attacker knows the rule, how common each value is and how many newcomers there are. Of every cell,
 * the attacker knew the count before and, if it is fixed, the noise.
 */
export async function guessNewcomers(
  rule: Rule,
  newcomers: number,
  { thresholds, supplied }: RowAttacker,
  seed: number,
): Promise<{ prior: Hits; guess: Hits }> {
  const chance = createChance(seed);
  const fields = await createPopulation(chance, INSTALLS, await rule.createNoise(rule, chance));
  const right = { prior: { field: 0, row: 0 }, guess: { field: 0, row: 0 } };
  for (let week = 0; week < WEEKS; week += 1) {
    const rows = Array.from({ length: newcomers }, () => drawRow(chance));
    const repeats =
      rule.hidesSmallChanges && repeatsNumbers({ joined: newcomers + supplied, left: 0 });
    const guesses = { prior: [] as number[], guess: [] as number[] };
    fields.forEach((cells, field) => {
      const weights = cells.map(({ weight }) => weight);
      const likelihoods = cells.map((cell, value) => {
        const joined = rows.filter((row) => row[field] === value).length;
        return repeats
          ? []
          : thresholds.map((threshold) => weigh(rule, chance, cell, threshold, joined, newcomers));
      });
      guesses.prior.push(indexOfLargest(weights));
      guesses.guess.push(indexOfLargest(expectJoined(weights, likelihoods, newcomers)));
    });
    for (const row of rows) {
      for (const key of ["prior", "guess"] as const) {
        const hits = row.filter((value, field) => value === guesses[key][field]).length;
        right[key].field += hits / fields.length;
        right[key].row += hits === fields.length ? 1 : 0;
      }
      addRow(fields, row);
    }
  }
  const average = ({ field, row }: Hits): Hits => ({
    field: field / WEEKS / newcomers,
    row: row / WEEKS / newcomers,
  });
  return { prior: average(right.prior), guess: average(right.guess) };
}

/** Weigh each number of newcomers in a cell, 0 to *newcomers*, by its new published number. */
function weigh(
  rule: Rule,
  chance: Chance,
  { count, noise }: PopulationCell,
  threshold: number | null,
  joined: number,
  newcomers: number,
): readonly number[] {
  // Each period has other members as well.
  const others = count + Math.floor(chance() * BASE);
  const base = others + (threshold === null ? 0 : chooseFakes(rule, others, noise, threshold));
  const published = rule.publish(base + joined, rule.keepsNoise ? noise : drawNoise(rule, chance));
  const possible = rule.keepsNoise ? [[noise, 1] as const] : rule.noises;
  return Array.from({ length: newcomers + 1 }, (_, number) =>
    addUp(
      possible.map(([candidate, probability]) =>
        rule.publish(base + number, candidate) === published ? probability : 0,
      ),
    ),
  );
}

/** Choose as few fakes as let the published number change with newcomer number *threshold*. */
function chooseFakes(rule: Rule, count: number, noise: number, threshold: number): number {
  for (let fakes = 0; fakes < LEAST + BASE; fakes += 1) {
    const numbers = [0, threshold - 1, threshold].map((joined) =>
      rule.publish(count + fakes + joined, noise),
    );
    if (numbers[0] === numbers[1] && numbers[1] !== numbers[2]) {
      return fakes;
    }
  }
  // Without rounding, every newcomer shows, once the cell is large enough.
  return LEAST;
}

/** The expected number of newcomers with each value, up to a common factor. */
function expectJoined(
  weights: readonly number[],
  likelihoods: readonly (readonly (readonly number[])[])[],
  newcomers: number,
): readonly number[] {
  // The multinomial distribution, one factor for each value.
  const terms = weights.map((weight, value) => {
    let term = 1;
    return Array.from({ length: newcomers + 1 }, (_, number) => {
      term *= number === 0 ? 1 : weight / number;
      return (likelihoods[value] ?? []).reduce(
        (product, each) => product * (each[number] ?? 0),
        term,
      );
    });
  });
  const one: readonly number[] = [1];
  const before = [one];
  const after = [one];
  for (const value of terms.keys()) {
    before.push(combineSums(before[value] ?? one, terms[value] ?? one, newcomers));
    after.push(combineSums(after[value] ?? one, terms.at(-1 - value) ?? one, newcomers));
  }
  return terms.map((own, value) => {
    const others = combineSums(
      before[value] ?? one,
      after[terms.length - 1 - value] ?? one,
      newcomers,
    );
    return own.reduce(
      (sum, term, number) => sum + number * term * (others[newcomers - number] ?? 0),
      0,
    );
  });
}

const indexOfLargest = (numbers: readonly number[]): number =>
  numbers.indexOf(Math.max(...numbers));

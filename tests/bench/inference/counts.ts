/** Infers a cell's true count from its published numbers, week after week. */

import { LEAST_CHANGES, repeatsNumbers } from "../../../worker/src/statistics/changes.ts";
import { BASE, LEAST } from "../../../worker/src/statistics/rounding.ts";
import { createChance, drawBinomial } from "./chance.ts";
import { drawNoise, type Rule } from "./rules.ts";
import { addUp } from "./sums.ts";

/** The share of installations that leave each week; as many join. */
const CHURN = 0.02;
/** After how many editions the benchmark looks. */
export const EDITIONS: readonly number[] = [1, 4, 13, 52];

export interface Target {
  readonly name: string;
  readonly installs: number;
  /** The cell's expected share, which the attacker knows. */
  readonly share: number;
  /** How many cells have exactly these members. */
  readonly cells: number;
}

/**
 * How many fakes are in the cell: none, ten, or each week the number that separates best what is
 * possible. The last attacker also supplies the changes that make each edition show new numbers.
 */
export type Attacker = "reader" | "ten fakes" | "any number of fakes";

/** What the attacker knows after an edition. */
export interface Knowledge {
  /** How many true counts are possible. */
  readonly left: number;
  /** The probability that the best guess is right. */
  readonly guess: number;
}

/** A possible count in the first edition. */
interface Hypothesis {
  readonly count: number;
  readonly weight: number;
  /** For each cell, the probability of each noise together with what was published. */
  readonly noises: readonly (readonly number[])[];
}

/**
 * Infer the count of *target* by Bayes' theorem, over 52 editions.
 *
 * The attacker knows the rule, the number of installations, the expected share, and how many
 * installations join and leave the cell each week. Only the count and the noise are unknown.
 *
 * @returns the probability of the best guess before any edition, and what is known after `EDITIONS`
 */
export async function inferCount(
  rule: Rule,
  { installs, share, cells }: Target,
  attacker: Attacker,
  seed: number,
): Promise<{ prior: number; known: readonly Knowledge[] }> {
  const chance = createChance(seed);
  const names = Array.from({ length: cells }, (_, index) => String(index));
  const noiseOf = await rule.createNoise(rule, chance);
  let noises = await Promise.all(names.map((name) => noiseOf("field", name)));
  const allNoises = names.map(() => rule.noises.map(([, probability]) => probability));
  let hypotheses: readonly Hypothesis[] = listPrior(installs, share).map((entry) => ({
    ...entry,
    noises: allNoises,
  }));
  const prior = summarize(hypotheses).guess;
  const members = { inside: drawBinomial(chance, installs, share), outside: 0 };
  members.outside = installs - members.inside;
  const supplied = attacker === "any number of fakes" ? LEAST_CHANGES : 0;
  // How the cell has changed since the first edition, and the population since the last new numbers.
  let drift = 0;
  let changes = Infinity;
  const known: Knowledge[] = [];
  for (let edition = 1; edition <= Math.max(...EDITIONS); edition += 1) {
    if (edition > 1) {
      const [left, joined, leftOutside, joinedOutside] = [
        drawBinomial(chance, members.inside, CHURN),
        drawBinomial(chance, installs, CHURN * share),
        drawBinomial(chance, members.outside, CHURN),
        drawBinomial(chance, installs, CHURN * (1 - share)),
      ];
      members.inside += joined - left;
      members.outside += joinedOutside - leftOutside;
      drift += joined - left;
      changes += joined + left + joinedOutside + leftOutside;
    }
    const change = { joined: changes + supplied, left: 0 };
    if (!rule.hidesSmallChanges || !repeatsNumbers(change)) {
      changes = 0;
      if (!rule.keepsNoise) {
        noises = noises.map(() => drawNoise(rule, chance));
        hypotheses = hypotheses.map((hypothesis) => ({
          count: hypothesis.count,
          weight: weigh(hypothesis),
          noises: allNoises,
        }));
      }
      for (const [cell, noise] of noises.entries()) {
        const fakes = chooseFakes(rule, attacker, hypotheses, cell, drift);
        const published = rule.publish(members.inside + fakes, noise);
        hypotheses = keepPossible(
          rule,
          hypotheses,
          cell,
          drift,
          (count, candidate) => rule.publish(count + fakes, candidate) === published,
        );
      }
    }
    if (EDITIONS.includes(edition)) {
      known.push(summarize(hypotheses));
    }
  }
  return { prior, known };
}

/** List the counts that a binomial draw gives, up to eight standard deviations from the mean. */
function listPrior(installs: number, share: number): readonly { count: number; weight: number }[] {
  const mean = installs * share;
  const reach = 8 * Math.sqrt(mean * (1 - share)) + 8;
  const first = Math.max(0, Math.floor(mean - reach));
  const last = Math.min(installs, Math.ceil(mean + reach));
  const logarithms: number[] = [0];
  for (let count = first; count < last; count += 1) {
    const ratio = ((installs - count) / (count + 1)) * (share / (1 - share));
    logarithms.push((logarithms.at(-1) ?? 0) + Math.log(ratio));
  }
  const largest = Math.max(...logarithms);
  return logarithms.map((value, index) => ({
    count: first + index,
    weight: Math.exp(value - largest),
  }));
}

/** Keep what is possible for one cell: no count is negative, and the published number fits. */
const keepPossible = (
  rule: Rule,
  hypotheses: readonly Hypothesis[],
  cell: number,
  drift: number,
  isPossible: (count: number, noise: number) => boolean,
): readonly Hypothesis[] =>
  hypotheses
    .filter(({ count }) => count + drift >= 0)
    .map(({ noises, ...hypothesis }) => ({
      ...hypothesis,
      noises: noises.with(
        cell,
        rule.noises.map(([noise], index) =>
          isPossible(hypothesis.count + drift, noise) ? (noises[cell]?.[index] ?? 0) : 0,
        ),
      ),
    }))
    .filter((hypothesis) => weigh(hypothesis) > 0);

/** Choose the fakes in a cell: for the strongest attacker, those whose outcomes separate the most. */
function chooseFakes(
  rule: Rule,
  attacker: Attacker,
  hypotheses: readonly Hypothesis[],
  cell: number,
  drift: number,
): number {
  if (attacker !== "any number of fakes") {
    return attacker === "ten fakes" ? 10 : 0;
  }
  const isSmall = hypotheses.some(({ count }) => count + drift < LEAST);
  let best = { fakes: 0, unseparated: Infinity };
  for (let fakes = 0; fakes < BASE + (isSmall ? LEAST : 0); fakes += 1) {
    const outcomes = new Map<number | null, number>();
    for (const { count, weight, noises } of hypotheses) {
      for (const [index, [noise]] of rule.noises.entries()) {
        const outcome = rule.publish(count + drift + fakes, noise);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + weight * (noises[cell]?.[index] ?? 0));
      }
    }
    const unseparated = [...outcomes.values()].reduce((sum, weight) => sum + weight ** 2, 0);
    // Rounding errors must not decide.
    if (unseparated < best.unseparated * (1 - 1e-9)) {
      best = { fakes, unseparated };
    }
  }
  return best.fakes;
}

/** The cells' noises are independent once the count is known. */
const weigh = ({ weight, noises }: Hypothesis): number =>
  noises.reduce((product, probabilities) => product * addUp(probabilities), weight);

function summarize(hypotheses: readonly Hypothesis[]): Knowledge {
  const weights = hypotheses.map(weigh);
  return { left: weights.length, guess: Math.max(...weights) / addUp(weights) };
}

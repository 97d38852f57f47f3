/** The ways to publish a count that the benchmark compares. */

import {
  BASE,
  deriveOffset,
  importSecret,
  LEAST,
  roundCount,
} from "../../../worker/src/statistics/rounding.ts";
import { drawIndex, type Chance } from "./chance.ts";

/** Draws or derives the noise of the cell with this name. */
export type NoiseSource = (field: string, value: string) => Promise<number>;

export interface Rule {
  readonly name: string;
  /** The noise that a cell can have, with the probability of each. */
  readonly noises: readonly (readonly [noise: number, probability: number])[];
  /** Creates the noise of an endpoint. */
  readonly createNoise: (rule: Rule, chance: Chance) => Promise<NoiseSource>;
  /** Whether a cell keeps its noise from edition to edition. */
  readonly keepsNoise: boolean;
  /** Returns the published number; null if there is none. */
  readonly publish: (count: number, noise: number) => number | null;
  /** Whether an edition repeats its numbers until enough installations have changed. */
  readonly hidesSmallChanges: boolean;
}

const normalize = (weights: readonly (readonly [number, number])[]): Rule["noises"] => {
  const sum = weights.reduce((before, [, weight]) => before + weight, 0);
  return weights.map(([noise, weight]) => [noise, weight / sum]);
};
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const addNoise = (count: number, noise: number): number | null =>
  count + noise < LEAST ? null : count + noise;

export const OURS: Rule = {
  name: "ours",
  noises: normalize(range(0, BASE - 1).map((offset) => [offset, 1])),
  createNoise: async (_, chance) => {
    const bytes = Uint8Array.from({ length: 32 }, () => Math.floor(chance() * 256));
    const secret = await importSecret(bytes);
    return (field, value) => deriveOffset(secret, ["bench", field, value]);
  },
  keepsNoise: true,
  publish: roundCount,
  hidesSmallChanges: true,
};

const PEER = {
  createNoise: (rule: Rule, chance: Chance) =>
    Promise.resolve(() => Promise.resolve(drawNoise(rule, chance))),
  hidesSmallChanges: false,
};
export const PEERS: readonly Rule[] = [
  { ...OURS, name: "ours, without the rule on small changes", hidesSmallChanges: false },
  {
    ...PEER,
    name: "random rounding to 5, drawn again for each edition",
    noises: OURS.noises,
    keepsNoise: false,
    publish: roundCount,
  },
  {
    ...PEER,
    name: "counts below 10 suppressed",
    noises: [[0, 1]],
    keepsNoise: true,
    publish: (count) => (count < 10 ? null : count),
  },
  {
    ...PEER,
    name: "geometric noise, fixed for each cell",
    // A count is 1.6 off on average, as with ours.
    noises: normalize(range(-30, 30).map((noise) => [noise, 0.55 ** Math.abs(noise)])),
    keepsNoise: true,
    publish: addNoise,
  },
  {
    ...PEER,
    name: "cell keys: noise that depends on the members",
    // A count is at most 4 off, and 1.6 on average.
    noises: normalize(range(-4, 4).map((noise) => [noise, 5 - Math.abs(noise)])),
    // The members of a cell change in nearly every week.
    keepsNoise: false,
    publish: addNoise,
  },
];

/** Draw the noise of a cell. */
export function drawNoise({ noises }: Rule, chance: Chance): number {
  const probabilities = noises.map(([, probability]) => probability);
  return noises[drawIndex(chance, probabilities)]?.[0] ?? 0;
}

/** Attacks the statistics of generated populations, and prints tables of the results. */

import { EDITIONS, inferCount, type Attacker, type Knowledge, type Target } from "./counts.ts";
import { guessNewcomers, type RowAttacker } from "./newcomers.ts";
import { inferRelated } from "./relations.ts";
import { OURS, PEERS, type Rule } from "./rules.ts";
import { measureLoss, type Loss } from "./shares.ts";
import { addUp } from "./sums.ts";
import { formatMean, formatPercent, formatSpread, printTable } from "./tables.ts";

/** Each seed is another endpoint, with another secret and another population. */
const SEEDS: readonly number[] = Array.from({ length: 100 }, (_, index) => index + 1);
const SIZES: readonly number[] = [100, 1000, 100_000];

const ORDINARY: Target = { name: "one of 25 %", installs: 1000, share: 0.25, cells: 1 };
const READER: RowAttacker = { name: "reader", thresholds: [null, null, null], supplied: 0 };
const SENDER: RowAttacker = {
  name: "sender, every cell at its boundary",
  thresholds: [1, 1, 1],
  supplied: 0,
};

const runSeeds = <Result>(run: (seed: number) => Promise<Result>): Promise<readonly Result[]> =>
  Promise.all(SEEDS.map(run));

await printTable(
  "installations | cell | attacker | first guess | " +
    EDITIONS.map((number) => `after ${number} ${number === 1 ? "edition" : "editions"} | `).join(
      "",
    ) +
    "fewer than 4 left",
  [
    ...[
      ...SIZES.map((installs) => ({ ...ORDINARY, installs })),
      { ...ORDINARY, name: "two with the same members", cells: 2 },
      { ...ORDINARY, name: "three with the same members", cells: 3 },
    ].flatMap((target) => [
      () => attackCount(target, "reader"),
      () => attackCount(target, "any number of fakes"),
    ]),
    ...(["reader", "ten fakes", "any number of fakes"] as const).map(
      (attacker) => () =>
        attackCount({ name: "one of 2 %", installs: 100, share: 0.02, cells: 1 }, attacker),
    ),
    () => attackRelations("one of two in its field", "cell"),
    () => attackRelations("the total", "total"),
  ],
);
await printTable(
  "newcomers | attacker | a field: first guess | best guess | a row: first guess | best guess",
  [
    ...[1, 2].flatMap((newcomers) =>
      [READER, SENDER, { ...SENDER, name: "the same, and five fakes join", supplied: 5 }].map(
        (attacker) => () => attackRows(newcomers, attacker),
      ),
    ),
    ...[5, 25].flatMap((newcomers) =>
      [
        READER,
        SENDER,
        { ...SENDER, name: "sender, at different distances", thresholds: [2, 3, 4] },
      ].map((attacker) => () => attackRows(newcomers, attacker)),
    ),
  ],
);
await printTable(
  "installations | mean error of a share, points | largest | shares not published | " +
    "pairs tied | pairs in the wrong order",
  SIZES.map((installs) => async () => {
    const losses = await measureLosses(OURS, installs);
    const sum = (key: "hidden" | "pairs" | "tied" | "reversed"): number =>
      addUp(losses.map((loss) => loss[key]));
    const shown = addUp(losses.map(({ errors }) => errors.length));
    return [
      installs.toLocaleString("en"),
      ...formatErrors(losses),
      formatPercent(sum("hidden") / (sum("hidden") + shown)),
      formatPercent(sum("tied") / sum("pairs")),
      formatPercent(sum("reversed") / sum("pairs")),
    ];
  }),
);
await printTable(
  "rule | a count: reader | a count: any number of fakes | a field of one newcomer: reader | " +
    "mean error of a share, points | largest",
  [OURS, ...PEERS].map((rule) => async () => {
    const guessCount = async (attacker: Attacker): Promise<string> => {
      const runs = await runSeeds((seed) => inferCount(rule, ORDINARY, attacker, seed));
      return formatMean(runs.map(({ known }) => known.at(-1)?.guess ?? NaN));
    };
    const rows = await runSeeds((seed) => guessNewcomers(rule, 1, READER, seed));
    return [
      rule.name,
      await guessCount("reader"),
      await guessCount("any number of fakes"),
      formatSpread(rows.map(({ guess }) => guess.field)),
      ...formatErrors(await measureLosses(rule, ORDINARY.installs)),
    ];
  }),
);

async function attackCount(target: Target, attacker: Attacker): Promise<readonly string[]> {
  const runs = await runSeeds((seed) => inferCount(OURS, target, attacker, seed));
  const known = EDITIONS.map((_, index) =>
    runs.flatMap((run) => run.known.slice(index, index + 1)),
  );
  return [
    target.installs.toLocaleString("en"),
    target.name,
    attacker,
    (addUp(runs.map(({ prior }) => prior)) / runs.length).toFixed(2),
    ...known.map(formatKnowledge),
    formatFew(known.at(-1) ?? []),
  ];
}

/** This begins with what an attacker learns in a few editions. */
async function attackRelations(name: string, key: "cell" | "total"): Promise<readonly string[]> {
  const known = (await runSeeds((seed) => inferRelated(OURS, seed))).map((related) => related[key]);
  const blank = EDITIONS.map(() => "");
  return ["any", name, "fakes in every cell", ...blank, formatKnowledge(known), formatFew(known)];
}

async function attackRows(newcomers: number, attacker: RowAttacker): Promise<readonly string[]> {
  const runs = await runSeeds((seed) => guessNewcomers(OURS, newcomers, attacker, seed));
  const average = (key: "prior" | "guess"): string =>
    formatPercent(addUp(runs.map((run) => run[key].row)) / runs.length);
  return [
    String(newcomers),
    attacker.name,
    formatSpread(runs.map(({ prior }) => prior.field)),
    formatSpread(runs.map(({ guess }) => guess.field)),
    average("prior"),
    average("guess"),
  ];
}

/** Measure populations whose sizes are not all multiples of five. */
function measureLosses(rule: Rule, installs: number): Promise<readonly Loss[]> {
  return runSeeds((seed) => measureLoss(rule, installs + (seed % 5), seed));
}

function formatErrors(losses: readonly Loss[]): readonly string[] {
  const means = losses.map(({ errors }) => addUp(errors) / errors.length);
  const largest = Math.max(...losses.flatMap(({ errors }) => errors));
  return [formatSpread(means, 3), largest.toFixed(2)];
}

/** How many counts are left, and the probability of the best guess. */
function formatKnowledge(known: readonly Knowledge[]): string {
  const left = known.map((each) => each.left).toSorted((first, second) => first - second);
  const middle = left[Math.floor(left.length / 2)];
  return `${middle} (${left[0]}–${left.at(-1)}), ${formatMean(known.map(({ guess }) => guess))}`;
}

function formatFew(known: readonly Knowledge[]): string {
  return formatPercent(known.filter(({ left }) => left < 4).length / known.length);
}

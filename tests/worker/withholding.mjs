/**
 * Runs the rule for small cells for a test.
 *
 * Each line in is {"populations": [[[value, installs], ...], ...], "least": n}. Each line out
 * has, for each population, null or [published cells, whether others are withheld].
 */

import { deepStrictEqual } from "node:assert";
import { createInterface } from "node:readline";
import { withholdSmallCells } from "../../worker/src/statistics/withholding.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const { populations, least } = JSON.parse(line);
  const answers = populations.map((population) => {
    const cells = population.map(([value, installs]) => ({ value, installs }));
    const large = cells.filter(({ installs }) => installs >= least);
    const small = cells.filter(({ installs }) => installs < least);
    const sum = small.reduce((before, { installs }) => before + installs, 0);
    const added = { cells: small.length, installs: sum };
    const answer = withholdSmallCells({ cells: large, small: added }, least);
    // The rule gives the same answer if the small cells come one by one.
    const none = { cells: 0, installs: 0 };
    deepStrictEqual(withholdSmallCells({ cells, small: none }, least), answer);
    return (
      answer && [answer.cells.map(({ value, installs }) => [value, installs]), answer.withheld]
    );
  });
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}

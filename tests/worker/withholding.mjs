/**
 * Runs the rule for small cells for a test.
 *
 * Each line in is {"populations": [[[value, installs], ...], ...], "least": n}. Each line out
 * has, for each population, null or [published cells, whether others are withheld].
 */

import { deepStrictEqual } from "node:assert";
import { createInterface } from "node:readline";
import { publishable } from "../../worker/src/ksafe.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const { populations, least } = JSON.parse(line);
  const answers = populations.map((population) => {
    const cells = population.map(([value, installs]) => ({ value, installs }));
    const large = cells.filter(({ installs }) => installs >= least);
    const small = cells.filter(({ installs }) => installs < least);
    const sum = small.reduce((before, { installs }) => before + installs, 0);
    const answer = publishable(large, { cells: small.length, installs: sum }, least);
    // The rule gives the same answer if the small cells come one by one.
    deepStrictEqual(publishable(cells, undefined, least), answer);
    return (
      answer && [answer.cells.map(({ value, installs }) => [value, installs]), answer.withheld]
    );
  });
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}

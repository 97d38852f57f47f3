/**
 * The rule for small cells, for a test: each line in is {"populations": [[[value,
 * installs], ...], ...], "least": n}, and is answered by what may be published of each.
 */

import { deepStrictEqual as deepEqual } from "node:assert";
import { createInterface } from "node:readline";
import { publishable } from "../../worker/src/ksafe.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const { populations, least } = JSON.parse(line);
  const answers = populations.map((population) => {
    const cells = population.map(([value, installs]) => ({ value, installs }));
    const large = cells.filter(({ installs }) => installs >= least);
    const small = cells.filter(({ installs }) => installs < least);
    const sum = small.reduce((before, { installs }) => before + installs, 0);
    const told = publishable(large, { cells: small.length, installs: sum }, least);
    // Whether the small ones come one by one or not is no matter.
    deepEqual(publishable(cells, undefined, least), told);
    return told && [told.cells.map(({ value, installs }) => [value, installs]), told.withheld];
  });
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}

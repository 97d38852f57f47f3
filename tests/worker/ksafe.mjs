/**
 * The rule for small cells, for a test: each line in is {"populations": [[[value,
 * installs], ...], ...], "least": n}, and is answered by what may be published of each.
 */

import { createInterface } from "node:readline";
import { publishable } from "../../worker/src/ksafe.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const { populations, least } = JSON.parse(line);
  const answers = populations.map((cells) => {
    const told = publishable(
      cells.map(([value, installs]) => ({ value, installs })),
      least,
    );
    return told && [told.cells.map(({ value, installs }) => [value, installs]), told.withheld];
  });
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}

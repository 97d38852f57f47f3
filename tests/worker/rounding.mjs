/**
 * Calls the rounding for a test.
 *
 * Each line in is {"count": n, "offset": n} or {"secret": hex, "names": [[text, ...], ...]}. Each
 * line out is the rounded count, or the offsets of the names.
 */

import { createInterface } from "node:readline";
import { deriveOffset, importSecret, roundCount } from "../../worker/src/statistics/rounding.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const { count, offset, secret, names } = JSON.parse(line);
  const answer =
    secret === undefined ? roundCount(count, offset) : await deriveOffsets(secret, names);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function deriveOffsets(secret, names) {
  const key = await importSecret(Buffer.from(secret, "hex"));
  return Promise.all(names.map((name) => deriveOffset(key, name)));
}

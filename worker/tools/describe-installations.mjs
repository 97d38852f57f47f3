/**
 * Prints how the counted installations of the project in a folder are stored, as JSON:
 * `node describe-installations.mjs FOLDER`.
 */

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { COUNTS_AGAIN } from "../src/statistics/changes.ts";

const { project } = await import(pathToFileURL(join(resolve(process.argv[2]), "project.ts")).href);
const { name, contract, counters, published, storage } = project.counted;
const isOnce = storage.mode === "once";
const isStored = new Set(isOnce ? published.map((field) => field.name) : contract.fields);
console.log(
  JSON.stringify({
    kind: name,
    table: isOnce ? storage.latestTable : storage.table,
    key: contract.key,
    // Before the column existed, nothing noted the first report.
    firstSeen: isOnce ? 'COALESCE("first_received", "received")' : '"first_day"',
    hasTime: isOnce,
    countsAgain: COUNTS_AGAIN,
    hasCounters: counters !== null,
    fields: Object.fromEntries(
      contract.leaves
        .filter((leaf) => isStored.has(leaf.name) && leaf.name !== contract.key)
        .map((leaf) => [leaf.name, leaf.type]),
    ),
  }),
);

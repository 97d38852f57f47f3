/**
 * Prints what the files of a new project say about its contract: `node read-contract.mjs SCHEMA`.
 *
 * It prints JSON: an example of a report, its ID, the field that the page draws over time, and
 * whether reports are stored once in some days.
 */

import { readFileSync } from "node:fs";
import { createContract } from "../src/kinds/contract.ts";
import { readPublishedFields } from "../src/kinds/published-fields.ts";
import { listValues } from "./example-values.mjs";

const [file] = process.argv.slice(2);
try {
  console.log(JSON.stringify(readContract(JSON.parse(readFileSync(file, "utf8")))));
} catch (error) {
  console.error(`${file}: ${error.message}`);
  process.exitCode = 1;
}

function readContract(schema) {
  const contract = createContract(schema);
  const overTime = readPublishedFields(contract.leaves).find(({ condition }) => condition === null);
  if (overTime === undefined) {
    throw new Error('No field is published: add "x-published": true to one.');
  }
  const report = {};
  for (const leaf of contract.leaves) {
    const [value] = listValues(contract, leaf);
    if (value === undefined && leaf.required) {
      throw new Error(`${leaf.name} has no example: add "examples" with a value that fits.`);
    }
    if (value !== undefined) {
      const path = leaf.name.split(".");
      const last = path.pop();
      const parent = path.reduce((object, name) => (object[name] ??= {}), report);
      parent[last] = leaf.type === "array" ? [value] : value;
    }
  }
  const id = contract.key.split(".").reduce((object, name) => object[name], report);
  return { report, id, overTime: overTime.name, once: "x-once-in-days" in schema };
}

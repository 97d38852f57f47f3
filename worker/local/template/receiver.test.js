/** Checks the contract. To add a test, send a report of your own to `contract.check`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { project } from "./project.ts";

/** Make a report from the first example of every field. */
function makeExample({ leaves }) {
  const report = {};
  for (const { name, schema } of leaves) {
    const path = name.split(".");
    const last = path.pop();
    const parent = path.reduce((object, part) => (object[part] ??= {}), report);
    parent[last] = schema.examples?.[0];
  }
  return report;
}

for (const { contract, name } of project.kinds) {
  test(`the examples of ${name} are a valid report`, () => {
    const { problems, row } = contract.check(makeExample(contract));

    assert.deepEqual(problems ?? [], []);
    for (const field of contract.fields) {
      assert.notEqual(row.get(field), null, `${field} has no valid example`);
    }
  });

  test(`${name} is refused without its required fields`, () => {
    assert.equal(contract.check({}).ok, false);
  });

  test(`${name} stores no field that the contract does not name`, () => {
    const { row } = contract.check({ ...makeExample(contract), "not in the contract": "x" });

    assert.deepEqual([...row.keys()], [...contract.fields]);
  });
}

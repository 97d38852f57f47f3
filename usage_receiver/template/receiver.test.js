/** Checks the contract. To add a test, send a report of your own to `contract.check`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { project } from "./project.ts";

/** Find the first example of a field, or a value that its schema lists. */
function findExample({ examples = [], enum: values = [], items, minimum, type }) {
  const other = type === "boolean" ? true : items && [findExample(items)];
  return examples[0] ?? values[0] ?? minimum ?? other;
}

/** Make a report with an example of every field. */
function makeExample({ leaves }) {
  const report = {};
  for (const { name, schema } of leaves) {
    const path = name.split(".");
    const last = path.pop();
    const parent = path.reduce((object, part) => (object[part] ??= {}), report);
    parent[last] = findExample(schema);
  }
  return report;
}

for (const { contract, name: kind } of project.kinds) {
  test(`the examples of ${kind} are a valid report`, () => {
    const { problems, row } = contract.check(makeExample(contract));

    assert.deepEqual(problems ?? [], []);
    for (const { name, schema } of contract.leaves) {
      if (findExample(schema) !== undefined) {
        assert.notEqual(row.get(name), null, `the example of ${name} does not fit`);
      }
    }
  });

  test(`${kind} is refused without its required fields`, () => {
    assert.equal(contract.check({}).ok, false);
  });

  test(`${kind} stores no field that the contract does not name`, () => {
    const { row } = contract.check({ ...makeExample(contract), "not in the contract": "x" });

    assert.deepEqual([...row.keys()], [...contract.fields]);
  });
}

/**
 * Checks reports against contracts for a test.
 *
 * The input is a JSON list of {"schema": ..., "reports": [...]}. The output has the error of each
 * contract, or its fields, the schema of what it accepts and the verdict on each of its reports.
 */

import { text } from "node:stream/consumers";
import { createContract } from "../../worker/src/kinds/contract.ts";
import { reduceToAccepted } from "../../worker/openapi/accepted-schema.ts";
import { readPublishedFields } from "../../worker/src/kinds/published-fields.ts";

const cases = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(cases.map(checkReports)));

function checkReports({ schema, reports }) {
  try {
    const contract = createContract(schema);
    return {
      leaves: contract.leaves.map(({ name, title, required }) => [name, title, required]),
      published: readPublishedFields(contract.leaves),
      accepted: reduceToAccepted(schema),
      verdicts: reports.map((report) => {
        const { row, problems } = contract.check(report);
        return row ? { row: Object.fromEntries(row) } : { problems };
      }),
    };
  } catch (error) {
    return { error: error.message };
  }
}

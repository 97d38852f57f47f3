/**
 * The kinds of report that this Worker accepts. A second kind is a second entry:
 * a schema, a path, and a table that a migration makes.
 */

import usage from "../../paperless_report/contract/report.schema.json";
import { contract, type Contract } from "./contract";

export interface Kind {
  /** Where it is POSTed to. */
  readonly path: string;
  /** The JSON Schema, as it is published at the path with `.schema.json` behind it. */
  readonly schema: object;
  /** The D1 table that holds it: `received`, and a column per field. */
  readonly table: string;
  readonly contract: Contract;
}

const KEY = "uuid";

export const KINDS: readonly Kind[] = [
  { path: "/report", schema: usage, table: "reports", contract: contract(usage, KEY) },
];

/** What tells one installation from another, and nothing else of a report. */
export const INSTALLATION: Contract = contract(
  { properties: { [KEY]: usage.properties[KEY] }, required: [KEY] },
  KEY,
);

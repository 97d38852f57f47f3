/**
 * The kinds of report that this Worker accepts. A second kind is a second entry:
 * a schema, a path, and tables that a migration makes.
 */

import usage from "../../paperless_report/contract/report.schema.json";
import { contract, type Contract } from "./contract";
import { published, type Published } from "./published";

export interface Kind {
  /** Where it is POSTed to. */
  readonly path: string;
  /** The JSON Schema, as it is published at the path with `.schema.json` behind it. */
  readonly schema: object;
  /** The D1 table that holds it: `received`, and a column per field. */
  readonly table: string;
  /** The D1 table of each installation's latest: `received`, the key, what is published. */
  readonly latest: string;
  readonly contract: Contract;
  readonly published: readonly Published[];
}

const KEY = "uuid";

/** What the statistics tell of. */
export const USAGE: Kind = {
  path: "/report",
  schema: usage,
  table: "reports",
  latest: "installations",
  contract: contract(usage, KEY),
  published: published(usage),
};

export const KINDS: readonly Kind[] = [USAGE];

/** What tells one installation from another, and nothing else of a report. */
export const INSTALLATION: Contract = contract(
  { properties: { [KEY]: usage.properties[KEY] }, required: [KEY] },
  KEY,
);

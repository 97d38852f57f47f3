/** What the API says of itself: openapi.yaml, and the contracts that it refers to. */

import openapi from "../openapi.yaml";
import * as answers from "./answers";
import { KINDS } from "./kinds";

// In the repository the document refers to the contract's file; here, to the next path.
const DOCUMENT = openapi.replaceAll("../paperless_report/contract/", "");

/** By path. */
export const DESCRIPTION: ReadonlyMap<string, () => Response> = new Map([
  ["/openapi.yaml", () => answers.open(DOCUMENT, "application/yaml")],
  ...KINDS.map(({ path, schema }): [string, () => Response] => [
    `${path}.schema.json`,
    () => answers.open(JSON.stringify(schema), "application/schema+json"),
  ]),
]);

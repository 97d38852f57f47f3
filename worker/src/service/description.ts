/** Serves the API's description and the schemas that it refers to. */

import { serveDocument } from "../http/documents.ts";
import type { Project } from "../kinds/project.ts";

/** In the repository, openapi.yaml refers to schemas in other folders; here, to the next path. */
const FOLDERS_OF_SCHEMAS = /(?:\.\.\/)+(?:[\w-]+\/)*(?=[\w-]+\.schema\.json\b)/g;

/** List each path with the function that answers it. */
export function describeApi(
  { kinds }: Project,
  openapi: string,
): readonly [string, () => Response][] {
  const description = openapi.replaceAll(FOLDERS_OF_SCHEMAS, "");
  return [
    ["/openapi.yaml", () => serveDocument(description, "application/yaml")],
    ...kinds.map(({ schemaPath, schema }): [string, () => Response] => [
      schemaPath,
      () => serveDocument(JSON.stringify(schema), "application/schema+json"),
    ]),
  ];
}

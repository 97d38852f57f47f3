/** Serves the OpenAPI document of a project, and the schemas of its report kinds. */

import { serveDocument } from "../http/documents.ts";
import type { RoutedProject } from "./own-routes.ts";

/** Builds the OpenAPI document of a project. */
export type BuildOpenApi = (project: RoutedProject) => Promise<object>;

/** List each path with the function that answers it. */
export function describeApi(
  project: RoutedProject,
  buildOpenApi: BuildOpenApi,
): readonly [string, () => Response | Promise<Response>][] {
  let document: string | null = null;
  const serveOpenApi = async (type: string): Promise<Response> => {
    document ??= JSON.stringify(await buildOpenApi(project));
    return serveDocument(document, type);
  };
  return [
    ["/openapi.json", () => serveOpenApi("application/json")],
    // JSON is YAML, too.
    ["/openapi.yaml", () => serveOpenApi("application/yaml")],
    ...project.kinds.map(({ schemaPath, schema }): [string, () => Response] => [
      schemaPath,
      () => serveDocument(JSON.stringify(schema), "application/schema+json"),
    ]),
  ];
}

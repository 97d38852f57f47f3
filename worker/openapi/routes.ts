/** Serves the OpenAPI document of a project. */

import { serveDocument } from "../src/http/documents.ts";
import { get, type Part } from "../src/service/handled-routes.ts";
import { buildOpenApi } from "./document.ts";

export const listDescriptionRoutes: Part = (project) => {
  let document: string | null = null;
  const serve = (type: string) => async (): Promise<Response> => {
    document ??= JSON.stringify(await buildOpenApi(project));
    return serveDocument(document, type);
  };
  return [
    get("/openapi.json", null, serve("application/json")),
    // JSON is YAML, too.
    get("/openapi.yaml", null, serve("application/yaml")),
  ];
};

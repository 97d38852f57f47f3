/**
 * Prints the OpenAPI document of the project in a folder: `node describe.mjs FOLDER`.
 */

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { buildOpenApi } from "../openapi/document.ts";

const { project } = await import(pathToFileURL(join(resolve(process.argv[2]), "project.ts")).href);
console.log(JSON.stringify(await buildOpenApi(project), null, 2));

/**
 * Prints the names of all published fields of the project in a folder, as JSON:
 * `node list-published.mjs FOLDER`.
 */

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { project } = await import(pathToFileURL(join(resolve(process.argv[2]), "project.ts")).href);
console.log(JSON.stringify(project.counted.published.map(({ name }) => name)));

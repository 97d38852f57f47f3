/** Starts the receiver on Cloudflare. Only this module imports the pages, whose style sheet needs a bundler. */

import { createWorker } from "usage-receiver";
import { buildOpenApi } from "usage-receiver/openapi";
import { pages } from "usage-receiver/pages";
import { project } from "./project.ts";

export default createWorker(project, { pages, buildOpenApi });

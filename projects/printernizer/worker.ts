/** Starts the receiver on Cloudflare. Only this module imports a text file, which needs a bundler. */

import { createWorker } from "usage-receiver";
import { buildOpenApi } from "usage-receiver/openapi";
import pageStyle from "usage-receiver/page.css";
import { project } from "./project.ts";

export default createWorker(project, { pageStyle, buildOpenApi });

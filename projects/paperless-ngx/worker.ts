/** Starts the Worker on Cloudflare. Only this module imports text files, which need a bundler. */

import pageStyle from "../../worker/src/publish/page.css";
import { createWorker } from "../../worker/src/service/worker.ts";
import openapi from "./openapi.yaml";
import { project } from "./project.ts";

export default createWorker(project, { openapi, pageStyle });

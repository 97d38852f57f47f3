/** Starts the Worker on Cloudflare. Only this module imports text files, which need a bundler. */

import pageStyle from "usage-receiver/page.css";
import { createWorker } from "usage-receiver";
import { project } from "./project.ts";

export default createWorker(project, { pageStyle });

/** Starts the receiver on Cloudflare. It needs a bundler, unlike the other modules. */

import { createWorker } from "usage-receiver/cloudflare";
import { project } from "./project.ts";

export default createWorker(project);

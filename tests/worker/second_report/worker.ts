/** The receiver of paperless-ngx, if it counted installations from their second report on. */

import { project } from "../../../projects/paperless-ngx/project.ts";
import { createWorker } from "usage-receiver/cloudflare";

const counted = { ...project.counted, countedFrom: "second report" as const };

export default createWorker({ ...project, kinds: [counted], counted });

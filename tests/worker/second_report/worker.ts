/** The receiver of paperless-ngx, if it counted installations from their second report on. */

import { project } from "../../../projects/paperless-ngx/project.ts";
import { createWorker } from "usage-receiver";
import { buildOpenApi } from "usage-receiver/openapi";
import { pages } from "usage-receiver/pages";

const counted = { ...project.counted, countedFrom: "second report" as const };

export default createWorker({ ...project, kinds: [counted], counted }, { pages, buildOpenApi });

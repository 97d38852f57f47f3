/** The receiver of paperless-ngx, if it counted installations from their second report on. */

import { project } from "../../../projects/paperless-ngx/project.ts";
import { createWorker } from "usage-receiver";
import { buildOpenApi } from "usage-receiver/openapi";
import pageStyle from "usage-receiver/page.css";

const counted = { ...project.counted, countedFrom: "second report" as const };

export default createWorker({ ...project, kinds: [counted], counted }, { pageStyle, buildOpenApi });

/** The receiver of paperless-ngx, if it counted installations from their second report on. */

import { project } from "../../../projects/paperless-ngx/project.ts";
import pageStyle from "usage-receiver/page.css";
import { createWorker } from "usage-receiver";

const counted = { ...project.counted, countedFrom: "second report" as const };

export default createWorker({ ...project, kinds: [counted], counted }, { pageStyle });

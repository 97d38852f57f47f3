/** The receiver of paperless-ngx, if it counted installations from their second report on. */

import { project } from "../../../projects/paperless-ngx/project.ts";
import { toWorker } from "usage-receiver/cloudflare";
import { createReceiver } from "usage-receiver/receiver";

const counted = { ...project.counted, countedFrom: "second report" as const };

export const receiver = createReceiver({ ...project, kinds: [counted], counted });

export default toWorker(receiver);

/** The receiver of paperless-ngx with a second report kind, which is defined here alone. */

import { project } from "../../../projects/paperless-ngx/project.ts";
import { defineReportKind } from "usage-receiver";
import { toWorker } from "usage-receiver/cloudflare";
import { createReceiver } from "usage-receiver/receiver";
import schema from "./language.schema.json" with { type: "json" };

const language = defineReportKind({
  name: "language",
  schema,
  storage: { mode: "once", table: "languages", latestTable: "language_latest" },
});

export const receiver = createReceiver({ ...project, kinds: [...project.kinds, language] });

export default toWorker(receiver);

/** The receiver of paperless-ngx with a second report kind, which is defined here alone. */

import { project } from "../../../projects/paperless-ngx/project.ts";
import { defineReportKind } from "usage-receiver";
import { createWorker } from "usage-receiver/cloudflare";
import schema from "./language.schema.json" with { type: "json" };

const language = defineReportKind({
  name: "language",
  schema,
  storage: { mode: "once", table: "languages", latestTable: "language_latest" },
});

export default createWorker({ ...project, kinds: [...project.kinds, language] });

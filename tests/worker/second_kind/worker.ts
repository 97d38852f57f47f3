/** The receiver of paperless-ngx with a second report kind, which is defined here alone. */

import openapi from "../../../projects/paperless-ngx/openapi.yaml";
import { project } from "../../../projects/paperless-ngx/project.ts";
import { defineReportKind } from "../../../worker/src/kinds/kind.ts";
import pageStyle from "usage-receiver/page.css";
import { createWorker } from "../../../worker/src/service/worker.ts";
import schema from "./language.schema.json" with { type: "json" };

const language = defineReportKind({
  name: "language",
  route: "/language",
  schema,
  once: { table: "languages", latestTable: "language_latest" },
  answers: project.counted.answers,
});

export default createWorker(
  { ...project, kinds: [...project.kinds, language] },
  { openapi, pageStyle },
);

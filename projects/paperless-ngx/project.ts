/** Describes paperless-ngx as a project: its name, its report kinds and its page. */

import declared from "../../paperless_report/contract/project.json" with { type: "json" };
import type { Project } from "../../worker/src/kinds/project.ts";
import { report } from "./report.ts";

export const project: Project = {
  name: declared.name,
  privacyPage: declared.page,
  kinds: [report],
  counted: report,
  overTime: { field: "version", plural: "versions" },
};

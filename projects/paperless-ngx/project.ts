/** Describes paperless-ngx as a project: its name, its report kinds and its page. */

import declared from "../../paperless_report/contract/project.json" with { type: "json" };
import { defineProject } from "usage-receiver";
import { report } from "./report.ts";

export const project = defineProject({
  name: declared.name,
  privacyPage: declared.page,
  kinds: [report],
  counted: report,
  overTime: { field: "version", plural: "versions" },
});

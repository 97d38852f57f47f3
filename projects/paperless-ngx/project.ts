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
  texts: {
    sent: "An admin sent each report by hand.",
    counted:
      "Each installation counts once, with its latest report of the period. Reports are " +
      "voluntary and sent by hand, so there are more installations than these numbers show.",
  },
});

/** Describes Example app as a project: its reports, and the sentences on its statistics page. */

import { defineProject, defineReportKind } from "usage-receiver";
import schema from "./report.schema.json" with { type: "json" };

const report = defineReportKind({
  name: "report",
  schema,
  storage: { mode: "once", table: "reports", latestTable: "installations" },
});

export const project = defineProject({
  name: "Example app",
  // Your own page, or this receiver's, which explains each field.
  privacyPage: "/fields",
  kinds: [report],
  overTime: { field: "version", plural: "versions" },
  // How installations report, in a sentence after their number.
  texts: { sent: "Reports are voluntary." },
});

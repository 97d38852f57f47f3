/** Describes Example app as a project: its reports, counters, and sentences on its statistics page. */

import { defineEvents, defineProject, defineReportKind } from "usage-receiver";
import events from "./events.schema.json" with { type: "json" };
import schema from "./report.schema.json" with { type: "json" };

const report = defineReportKind({
  name: "report",
  schema,
  storage: { mode: "once", table: "reports", latestTable: "installations" },
  counters: {
    // What the receiver adds up for each event, and the values that it keeps the sums by.
    events: defineEvents(events, {
      command: {
        sums: { count: "count", error_count: "error_count" },
        pairs: [["name"]],
      },
    }),
  },
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

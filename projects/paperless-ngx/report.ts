/** Defines the one report kind of paperless-ngx: voluntary usage reports, once in seven days. */

import schema from "../../paperless_report/contract/report.schema.json" with { type: "json" };
import { defineReportKind } from "usage-receiver";

export const report = defineReportKind({
  name: "report",
  schema,
  storage: { mode: "once", table: "reports", latestTable: "installations" },
});

/** Defines the one report kind of paperless-ngx: voluntary usage reports, once in seven days. */

import schema from "../../paperless_report/contract/report.schema.json" with { type: "json" };
import { jsonAnswer, noContent } from "../../worker/src/http/answers.ts";
import { defineReportKind } from "../../worker/src/kinds/kind.ts";
import { DAY_MS } from "../../worker/src/kinds/time.ts";

export const report = defineReportKind({
  name: "report",
  route: "/report",
  schema,
  once: { table: "reports", latestTable: "installations" },
  answers: {
    accepted: noContent,
    invalid: (detail) => jsonAnswer(400, { error: "invalid_report", detail }),
    alreadySubmitted: (lastSent, waitMs) =>
      jsonAnswer(
        429,
        {
          error: "already_submitted",
          last_sent: lastSent,
          retry_after_days: Math.ceil(waitMs / DAY_MS),
        },
        { "Retry-After": String(Math.ceil(waitMs / 1000)) },
      ),
  },
});

/** Defines Printernizer's weekly report. The newest one of each installation is kept. */

import { defineEvents, defineReportKind, jsonAnswer, type Row } from "usage-receiver";
import { detail, invalid, unreadable } from "./answers.ts";
import { checkKey, keyOperation } from "./key.ts";
import schema from "./report.schema.json" with { type: "json" };

const MOST_PER_HOUR = 10;
/** The columns with a time. Only its day is stored. */
const TIMES = [
  "submission_timestamp",
  "period.start",
  "period.end",
  "installation.first_seen",
] as const;

/** A report is about a week, whose integers are summed: the event has no fields of its own. */
const eventKinds = defineEvents(
  { week: { type: "object", properties: {} } },
  {
    week: {
      sums: {
        reports: 1,
        jobs: "usage_stats.job_count",
        downloads: "usage_stats.file_count",
        uploads: "usage_stats.upload_count",
        uptime_hours: "usage_stats.uptime_hours",
        errors: "error_summary.total_errors",
      },
      pairs: [["installation.deployment_mode"], ["installation.app_version"]],
    },
  },
);

export const report = defineReportKind({
  name: "report",
  routes: ["/submit"],
  schemaPath: "/report.schema.json",
  schema,
  storage: { mode: "latest", table: "installations", perHour: MOST_PER_HOUR },
  maxBytes: 10_240,
  // Without a type, its own server reads JSON too.
  mediaTypes: ["application/json", ""],
  authorize: checkKey,
  operation: keyOperation,
  transform: roundTimes,
  counters: {
    events: eventKinds,
    list: (_, row) => [{ name: "week", properties: {}, time: toDay(row.get("period.end")) }],
    // A week that is sent again, or overlaps the last one, adds nothing.
    once: { until: "period.end", days: 7 },
  },
  answers: {
    // Its clients expect a number. This one counts nothing: it is the time.
    accepted: (now) =>
      jsonAnswer(200, {
        status: "success",
        submission_id: now.getTime(),
        message: "Statistics submitted successfully",
      }),
    invalid,
    unreadable,
    limited: (waitMs) =>
      detail(429, `Rate limit exceeded. Maximum ${MOST_PER_HOUR} submissions per hour.`, {
        "Retry-After": String(Math.ceil(waitMs / 1000)),
      }),
  },
});

/** Keep the day of each time. */
function roundTimes(row: Row): Row {
  return new Map([...row, ...TIMES.map((name) => [name, toDay(row.get(name))] as const)]);
}

/** Return the day of *time*, as the installation wrote it. */
function toDay(time: unknown): string | null {
  return typeof time === "string" ? time.slice(0, "2026-11-26".length) : null;
}

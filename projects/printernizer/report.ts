/** Defines Printernizer's weekly report. The newest one of each installation is kept. */

import { defineReportKind, jsonAnswer, type Row } from "usage-receiver";
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

/** Keep the day of each time, as the installation wrote it. */
function roundTimes(row: Row): Row {
  const days = TIMES.map((name): [string, string | null] => {
    const time = row.get(name) ?? null;
    return [name, time === null ? null : String(time).slice(0, "2026-11-26".length)];
  });
  return new Map([...row, ...days]);
}

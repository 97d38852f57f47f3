// Reads declarations of counters as JSON, and writes the error of each; null without one.

import { defineEvents } from "../../worker/src/kinds/counters.ts";
import { defineReportKind } from "../../worker/src/service/define.ts";

const { schema, cases } = JSON.parse(await new Response(process.stdin).text());
const errors = cases.map(({ events, declared, once = null, mode = "latest", field = null }) => {
  try {
    const storage = { mode, table: "labs", latestTable: "labs_latest" };
    const counters = { table: "counters", retentionDays: 60, once };
    const properties = { ...schema.properties, ...(field && { [field]: { type: "boolean" } }) };
    const own = { ...schema, properties, ...(mode === "once" && { "x-once-in-days": 7 }) };
    defineReportKind({
      name: "lab",
      schema: own,
      storage,
      counters: { ...counters, events: defineEvents(events, declared) },
    });
    return null;
  } catch (error) {
    return error.message;
  }
});
console.log(JSON.stringify(errors));

/**
 * A project with counters, for the operator's view.
 *
 * The request header `Test-Env` sets variables, as JSON.
 */

import { defineEvents, defineProject, defineReportKind } from "usage-receiver";
import { createReceiver } from "usage-receiver/receiver";
import { instrument, toTestWorker } from "../instrument.ts";
import schema from "../latest_kind/machine.schema.json" with { type: "json" };

const events = defineEvents(
  {
    used: {
      type: "object",
      properties: {
        tool: { type: "string", pattern: "^[a-z0-9]+$", maxLength: 40 },
        client: { type: "string", enum: ["cli", "web"] },
        seconds: { type: "integer", minimum: 0, maximum: 86_400 },
      },
    },
    stopped: { type: "object", properties: {} },
  },
  {
    used: { sums: { count: 1, seconds: "seconds" }, pairs: [["tool", "client"], ["client"]] },
    stopped: { sums: { count: 1 }, pairs: [] },
  },
);

const machine = defineReportKind({
  name: "machine",
  schema,
  storage: { mode: "latest", table: "machines" },
  counters: { table: "counters", events, retentionDays: 90, once: null, list: () => [] },
});

const project = defineProject({
  name: "Workshop",
  privacyPage: "https://workshop.example.org/reports",
  kinds: [machine],
  overTime: { field: "machine.version", plural: "versions" },
});

const instrumented = instrument(createReceiver(project));

export const receiver: typeof instrumented = {
  ...instrumented,
  answer: (request, env, sender) => {
    const variables = JSON.parse(request.headers.get("Test-Env") ?? "{}") as object;
    return instrumented.answer(request, { ...env, ...variables }, sender);
  },
};

export default toTestWorker(receiver);

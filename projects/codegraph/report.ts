/** Defines codegraph's one report kind, a batch: a machine's newest facts are kept, its events counted. */

import {
  defineEvents,
  defineReportKind,
  noContent,
  type BodyFault,
  type SentEvent,
} from "usage-receiver";
import { operation, USAGE } from "./operation.ts";
import { text } from "./text.ts";
import eventSchemas from "./events.schema.json" with { type: "json" };
import schema from "./report.schema.json" with { type: "json" };

/** The rest of a batch is ignored. */
const MOST_EVENTS = 100;
const uses = { count: "count", errors: "error_count" };
const once = { count: 1 } as const;
const eventKinds = defineEvents(eventSchemas, {
  mcp_tool: {
    sums: uses,
    pairs: [
      ["name", "client_name"],
      ["name", "codegraph_version"],
      ["client_name", "client_version"],
    ],
  },
  cli_command: { sums: uses, pairs: [["name"]] },
  install: {
    sums: once,
    pairs: [
      ["targets", "scope"],
      ["scope", "kind"],
    ],
  },
  index: {
    sums: once,
    pairs: [["languages"], ["file_count_bucket", "duration_bucket"], ["sqlite_backend"]],
  },
  uninstall: { sums: once, pairs: [["targets"]] },
});

export const report = defineReportKind({
  name: "report",
  routes: ["/v1/events"],
  schemaPath: "/report.schema.json",
  schema,
  storage: { mode: "latest", table: "machines" },
  retentionDays: 90,
  maxBytes: 65_536,
  maxValues: 65_536,
  mediaTypes: "any",
  lengthRequired: true,
  lossyText: true,
  limitById: true,
  // Nothing is stored of a batch without an event that counts.
  transform: (row, _, counted) => (counted.length > 0 ? row : null),
  operation,
  counters: { events: eventKinds, list: listEvents },
  answers: {
    accepted: noContent,
    unreadable: refuse,
    invalid: () => refuse("malformed"),
    limited: () => text(429, "rate limited"),
  },
});

interface Batch {
  readonly events?: unknown;
}

interface Event {
  readonly event?: unknown;
  readonly ts?: unknown;
  readonly props?: unknown;
}

function listEvents(sent: unknown): readonly SentEvent[] {
  const { events } = sent as Batch;
  return Array.isArray(events) ? events.slice(0, MOST_EVENTS).flatMap(readEvent) : [];
}

/** Name an event of usage after what it counts. */
function readEvent(sent: unknown): readonly SentEvent[] {
  const { event, ts, props } = (sent ?? {}) as Event;
  const properties = isObject(props) ? props : {};
  const name = event === "usage_rollup" ? properties["kind"] : event;
  return USAGE.has(name) === (event === "usage_rollup") ? [{ name, properties, time: ts }] : [];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(fault: BodyFault): Response {
  switch (fault) {
    case "length required":
      return text(411, "length required");
    case "too large":
      return text(413, "payload too large");
    default:
      return text(400, "bad request");
  }
}

/** Defines OctoPrint's one report kind: an event of an instance, as its tracking plugin sends it. */

import {
  defineReportKind,
  noContent,
  readForm,
  type Body,
  type BodyLimits,
  type IncomingRequest,
  type Row,
  type Sender,
} from "usage-receiver";
import { events, listEvents } from "./events.ts";
import { buildTrack, type Track } from "./facts.ts";
import { operation } from "./operation.ts";
import schema from "./report.schema.json" with { type: "json" };

export const track = defineReportKind({
  name: "track",
  methods: ["GET", "POST"],
  routes: ["/track/{uuid}/{event}/"],
  schemaPath: "/report.schema.json",
  schema,
  storage: { mode: "latest", table: "instances" },
  // Made-up instances that sent a report once never count.
  countedFrom: "second report",
  read,
  // A `pong` of an instance with 250 plugins.
  maxBytes: 16_384,
  transform: chooseFacts,
  counters: { events, list: listEvents },
  operation,
  // Its own server logs every request and reads it later, so no client expects another answer.
  answers: { unreadable: noContent, invalid: noContent },
});

async function read(
  request: IncomingRequest,
  { uuid = "", event = "" }: Readonly<Record<string, string>>,
  limits: BodyLimits,
  { country }: Sender,
): Promise<Body> {
  const form = await readForm(request, {}, limits);
  return form.ok
    ? { ok: true, value: buildTrack(uuid, event, form.value, country ?? undefined) }
    : form;
}

/** Choose which of the stored facts an event replaces; null if it carries none. */
function chooseFacts(row: Row, report: unknown): Row | null {
  switch ((report as Partial<Track>).event) {
    case "ping":
      return new Map([["id", row.get("id") ?? null]]);
    case "pong":
    // A made-up instance, for a receiver with sample data.
    case undefined:
      return row;
    case "startup":
      return new Map([...row].filter(([name]) => name !== "plugins" && name !== "achievements"));
    default:
      return null;
  }
}

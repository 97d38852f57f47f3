/** A project whose kinds count events without an ID: a batch, a form, and the integers of a week. */

import {
  defineEvents,
  defineProject,
  defineReportKind,
  readForm,
  type Body,
  type IncomingRequest,
  type SentEvent,
} from "usage-receiver";
import { createReceiver } from "usage-receiver/receiver";
import { instrument, toTestWorker } from "../instrument.ts";
import language from "../second_kind/language.schema.json" with { type: "json" };
import events from "./events.schema.json" with { type: "json" };
import schema from "./lab.schema.json" with { type: "json" };

interface Sent {
  readonly event?: unknown;
  readonly props?: unknown;
  readonly ts?: unknown;
}

const counters = {
  table: "counters",
  retentionDays: 60,
  once: null,
  events: defineEvents(events, {
    tool: {
      sums: { count: 1, seconds: "seconds" },
      pairs: [["name", "client"], ["client"], ["ok", "channel"]],
    },
    scan: { sums: { count: 1 }, pairs: [["languages", "version"]] },
    stop: { sums: { count: 1 }, pairs: [] },
  }),
};

/** Like codegraph's: facts, and a list of events. */
const batch = defineReportKind({
  name: "batch",
  schema,
  storage: { mode: "latest", table: "labs" },
  mediaTypes: "any",
  lengthRequired: true,
  lossyText: true,
  maxBytes: 262_144,
  maxValues: 262_144,
  limitById: true,
  counters: { ...counters, list: listEvents },
});

/** Like OctoPrint's: an event in the path, and its fields in a query or a form. */
const track = defineReportKind({
  name: "track",
  routes: ["/track/{uuid}/{event}/"],
  methods: ["GET", "POST"],
  schemaPath: "/track.schema.json",
  schema,
  storage: { mode: "latest", table: "tracked_labs" },
  read: readTrack,
  transform: (row, report, counted) =>
    (report as { readonly event: string }).event === "ping"
      ? new Map([["id", row.get("id") ?? null]])
      : counted.length > 0
        ? null
        : row,
  counters: {
    ...counters,
    table: "tracked",
    list: (report) => [{ name: (report as Sent).event, properties: report }],
  },
});

/** Like Printernizer's: the integers of a period, at most twelve reports an hour. */
const hourly = defineReportKind({
  name: "hourly",
  schema,
  storage: { mode: "latest", table: "hourly_labs", perHour: 12 },
  counters: {
    table: "hourly_counters",
    retentionDays: 60,
    events: defineEvents(events, {
      period: { sums: { reports: 1, jobs: "jobs" }, pairs: [["channel"]] },
    }),
    list: () => [{ name: "period", properties: {} }],
    once: { until: "until", days: 7 },
  },
});

/** Stored, and counted, at most once in seven days. */
const seldom = defineReportKind({
  name: "seldom",
  schema: language,
  storage: { mode: "once", table: "languages", latestTable: "language_latest" },
  counters: {
    table: "seldom_counters",
    retentionDays: 60,
    once: null,
    events: defineEvents(events, {
      period: { sums: { reports: 1 }, pairs: [["language"]] },
    }),
    list: () => [{ name: "period", properties: {} }],
  },
});

/** Like the reporter's: sums of a day, under the key that the engine reads by default. */
const daily = defineReportKind({
  name: "daily",
  schema,
  storage: { mode: "latest", table: "daily_labs" },
  counters: {
    table: "daily_counters",
    events: defineEvents(events, {
      command: {
        sums: { count: "count", errors: "error_count" },
        pairs: [["name"], ["name", "version"]],
      },
    }),
  },
});

function listEvents(report: unknown): readonly SentEvent[] {
  const sent = (report as { readonly events?: unknown }).events;
  return Array.isArray(sent)
    ? sent.map((item: Sent | null) => ({
        name: item?.event,
        properties: item?.props ?? {},
        time: item?.ts,
      }))
    : [];
}

async function readTrack(
  request: IncomingRequest,
  { uuid, event }: Readonly<Record<string, string>>,
  limits: Parameters<typeof readForm>[2],
): Promise<Body> {
  const form = await readForm(request, {}, limits);
  return form.ok ? { ok: true, value: { ...form.value, id: uuid, event, country: "AT" } } : form;
}

const project = defineProject({
  name: "Lab",
  privacyPage: "https://lab.example.org/reports",
  kinds: [batch, track, hourly, seldom, daily],
  overTime: { field: "version", plural: "versions" },
});

export const receiver = instrument(createReceiver(project));

export default toTestWorker(receiver);

/** A project that counts an installation from the second day on, and keeps it for eight days. */

import { defineProject, defineReportKind } from "usage-receiver";
import { createReceiver } from "usage-receiver/receiver";
import { instrument, toTestWorker } from "../instrument.ts";
import schema from "./machine.schema.json" with { type: "json" };

const machine = defineReportKind({
  name: "machine",
  schema,
  storage: { mode: "latest", table: "machines" },
  countedFrom: "second report",
  retentionDays: 8,
});

const project = defineProject({
  name: "Workshop",
  privacyPage: "https://workshop.example.org/reports",
  kinds: [machine],
  overTime: { field: "machine.version", plural: "versions" },
});

export const receiver = instrument(createReceiver(project));

export default toTestWorker(receiver);

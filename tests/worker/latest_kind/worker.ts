/** A project whose kinds keep the newest facts of each installation; one has a limit per hour. */

import { defineProject, defineReportKind } from "usage-receiver";
import { createReceiver } from "usage-receiver/receiver";
import { instrument, toTestWorker } from "../instrument.ts";
import schema from "./machine.schema.json" with { type: "json" };

const machine = defineReportKind({
  name: "machine",
  schema,
  storage: { mode: "latest", table: "machines" },
});

const limited = defineReportKind({
  name: "limited",
  schema,
  storage: { mode: "latest", table: "limited_machines", perHour: 3 },
});

const project = defineProject({
  name: "Workshop",
  privacyPage: "https://workshop.example.org/reports",
  kinds: [machine, limited],
  overTime: { field: "machine.version", plural: "versions" },
});

export const receiver = instrument(createReceiver(project));

export default toTestWorker(receiver);

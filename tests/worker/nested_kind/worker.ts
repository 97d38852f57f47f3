/** A receiver of nested reports, which are larger than those of paperless-ngx. */

import { defineProject, defineReportKind } from "usage-receiver";
import { toWorker } from "usage-receiver/cloudflare";
import { createReceiver } from "usage-receiver/receiver";
import schema from "./nested.schema.json" with { type: "json" };

const nested = defineReportKind({
  name: "nested",
  schema,
  storage: { mode: "latest", table: "nested" },
  maxBytes: 65_536,
});

const project = defineProject({
  name: "Nested",
  privacyPage: "https://nested.example.org/reports",
  kinds: [nested],
  overTime: { field: "channel", plural: "channels" },
});

export const receiver = createReceiver(project);

export default toWorker(receiver);

/** Describes in OpenAPI what a batch of events looks like. */

import eventSchemas from "./events.schema.json" with { type: "json" };

/** What `usage_rollup` says that it counts. */
export const USAGE: ReadonlySet<unknown> = new Set(["mcp_tool", "cli_command"]);
const NAME = "usage_rollup";

const describeEvent = ([name, schema]: readonly [
  string,
  { readonly properties: object },
]): object => {
  const isUsage = USAGE.has(name);
  const properties = isUsage ? { kind: { enum: [name] }, ...schema.properties } : schema.properties;
  return {
    type: "object",
    properties: {
      event: { enum: [isUsage ? NAME : name] },
      ts: { type: "string", format: "date-time" },
      props: { ...schema, properties },
    },
    required: ["event"],
  };
};

const example = {
  machine_id: "99f0e63c-f267-4ca3-a010-147b690d4535",
  codegraph_version: "1.6.1",
  os: "linux",
  arch: "x64",
  node_major: 24,
  ci: false,
  schema_version: 2,
  events: [
    { event: "install", props: { targets: ["claude"], scope: "global", kind: "fresh" } },
    {
      event: NAME,
      ts: "2026-11-25T12:00:00.000Z",
      props: { kind: "mcp_tool", name: "codegraph_explore", count: 3, error_count: 1 },
    },
  ],
};

const events = {
  description: "Anything else is accepted, and counts nothing. Only the first 100 events count.",
  anyOf: [{ type: "array", items: { anyOf: Object.entries(eventSchemas).map(describeEvent) } }, {}],
};

export const operation = {
  summary: "Send a batch of events.",
  requestBody: {
    required: true,
    description: "At most 65,536 bytes. The Content-Type is not read.",
    content: {
      "application/json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/report-accepted" },
            { type: "object", properties: { events } },
          ],
        },
        example,
      },
    },
  },
};

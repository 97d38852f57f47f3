/** Describes in OpenAPI how an event is sent: with a GET and a query, or a POST and a form. */

import events from "./events.schema.json" with { type: "json" };

const WITH_FACTS = ["ping", "pong", "startup"];
/** Values are texts, as Python's `str` writes them: `True`, `None`, `0.0`. */
const FIELDS = {
  type: "object",
  example: { version: "1.11.8", plugins: "octolapse:0.4.5" },
};

export const operation = {
  summary: "Send an event.",
  description:
    "The answer is the same for an event that is not stored, and for fields that are not: those " +
    "that the contract of the event does not name. `ping` only says that an instance is running. " +
    "`pong` and `startup` have the fields of the report, `pong` its lists too: plugins as " +
    "`name:version`, separated by commas. All other events are counted without the ID.",
  parameters: [
    {
      name: "uuid",
      in: "path",
      required: true,
      description: "The ID of the instance.",
      schema: { type: "string", pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" },
      example: "1a1f3c4e-6a55-4a1b-9d0e-2f6b1c7d8e90",
    },
    {
      name: "event",
      in: "path",
      required: true,
      description: "The name of the event. `commerror_` is followed by a reason.",
      schema: {
        type: "string",
        anyOf: [
          { enum: [...WITH_FACTS, ...Object.keys(events), "commerror_timeout"] },
          { pattern: "^[A-Za-z0-9_]+$" },
        ],
      },
      example: "pong",
    },
    {
      name: "fields",
      in: "query",
      description: "The fields of the event, with a GET.",
      style: "form",
      explode: true,
      schema: FIELDS,
    },
  ],
  requestBody: {
    description: "The fields of the event, with a POST.",
    content: { "application/x-www-form-urlencoded": { schema: FIELDS } },
  },
  responses: {
    204: { description: "The receiver got the event." },
    404: {
      description: "The path has no ID, or no event.",
      content: { "application/json": { schema: { type: "object" } } },
    },
  },
};

/** Describes in OpenAPI the events of a report that the receiver reads by default. */

import type { EventKind } from "../src/kinds/counters.ts";
import type { Schema } from "../src/kinds/keywords.ts";
import type { ReportKind } from "../src/kinds/kind.ts";
import { EVENTS_KEY, listSentEvents } from "../src/kinds/sent-events.ts";
import { MOST_EVENTS } from "../src/kinds/sums.ts";
import { buildExample } from "./accepted-schema.ts";

/** A UTC day of the examples. */
const DAY = "2026-11-26";

/** List the events that *kind* counts, if reports have them under the key `events`. */
const listEvents = ({ counters }: ReportKind): readonly EventKind[] =>
  counters?.list === listSentEvents ? counters.events : [];

/** The key `events` in the schema of an accepted report: no event refuses a report. */
export const describeKey = (kind: ReportKind): Readonly<Record<string, object>> =>
  listEvents(kind).length === 0
    ? {}
    : {
        [EVENTS_KEY]: {
          description: `Sums of what the installation did. \`${kind.name}-events\` has those that are counted; any other is dropped.`,
        },
      };

/** The schema of the events that are counted, by its name. */
export function describeEvents(kind: ReportKind): Readonly<Record<string, object>> {
  const events = listEvents(kind);
  if (events.length === 0) {
    return {};
  }
  const items = events.map(({ name, schema }) => ({
    type: "object",
    properties: { event: { const: name }, day: DAY_SCHEMA, properties: schema },
    required: ["event", "properties"],
  }));
  const description = `The first ${MOST_EVENTS} events of a report are counted, without its ID. An event or an optional property that does not fit is dropped.`;
  return { [`${kind.name}-events`]: { description, type: "array", items: { anyOf: items } } };
}

const DAY_SCHEMA = {
  description: "The UTC day of the sums. If it is over 30 days ago, they count today.",
  type: "string",
  format: "date",
};

/** An example of the key `events`. */
export const buildExampleEvents = (kind: ReportKind): Readonly<Record<string, object>> => {
  const examples = listEvents(kind).map(({ name, schema }) => ({
    event: name,
    day: DAY,
    properties: buildExample(schema as Schema),
  }));
  return examples.length === 0 ? {} : { [EVENTS_KEY]: examples };
};

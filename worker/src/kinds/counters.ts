/** Defines counters: what installations did, summed per UTC day, without an ID. */

import { createEventContract, type Contract, type EventContract, type Row } from "./contract.ts";
import { readType } from "./keywords.ts";
import { listValues } from "./published-fields.ts";

/** The counters of a report kind. */
export interface Counters {
  readonly table: string;
  readonly events: readonly EventKind[];
  readonly retentionDays: number;
  /**
   * List what a valid report counts. At most 100 events are looked at.
   *
   * @param report - what was read from the request, unchecked
   * @param row - the report's values as the contract cleaned them, before `transform`
   */
  readonly list: (report: unknown, row: Row) => readonly SentEvent[];
  /**
   * Adds a report only if its period ends at least *days* after the last one that was added for its
   * installation; null adds every report.
   */
  readonly once: {
    /** The field with the period's last day, as it is stored: `2026-11-27`. */
    readonly until: string;
    readonly days: number;
  } | null;
}

/** An event as a report sends it, unchecked. */
export interface SentEvent {
  readonly name: unknown;
  readonly properties: unknown;
  /** Any text that `Date.parse` reads. Without one in bounds, the event counts for today. */
  readonly time?: unknown;
}

/** An event that is counted. */
export interface EventKind {
  readonly name: string;
  readonly schema: object;
  /** An event that does not fit is dropped, like an optional property that does not. */
  readonly contract: EventContract;
  /** The columns that an event adds to: 1, or the value of an integer field. */
  readonly sums: Readonly<Record<string, 1 | string>>;
  /**
   * The fields that sums are kept by: of the event, or of its report. A list counts per element.
   * Without pairs, there is one sum a day.
   */
  readonly pairs: readonly Pair[];
  /** The fields of the event and its report, by name. */
  readonly dimensions: ReadonlyMap<string, Dimension>;
}

export type Pair = readonly [string] | readonly [string, string];

/** A field that sums are kept by. */
export interface Dimension {
  readonly type: "string" | "boolean" | "integer" | "array";
  /** The values that the schema lists, as `enum` or `x-known`: they are never `(other)`. */
  readonly listed: ReadonlySet<string>;
  /** Whether the field is one of the report, not of the event. */
  readonly ofReport: boolean;
}

/** How a project declares an event: its schema and contract come from `events.schema.json`. */
export type EventDeclaration = Pick<EventKind, "sums" | "pairs">;

/**
 * Define the events of a kind from their schemas, by name.
 *
 * @throws Error - if an event has no schema, or one that the receiver does not enforce
 */
export const defineEvents = (
  schemas: Readonly<Record<string, object>>,
  declarations: Readonly<Record<string, EventDeclaration>>,
): readonly EventKind[] =>
  Object.entries(declarations).map(([name, declared]) => {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (schema === undefined) {
      throw new Error(`The event ${name} has no schema.`);
    }
    const contract = createEventContract(schema);
    return { name, schema, contract, ...declared, dimensions: listDimensions(contract, false) };
  });

/**
 * Add the fields of the report to the events' dimensions.
 *
 * @throws Error - if a pair or a sum names a field that cannot be counted
 */
export function completeCounters(counters: Counters, contract: Contract): Counters {
  const ofReport = listDimensions(contract, true);
  const events = counters.events.map((event) => {
    const dimensions = new Map([...ofReport, ...event.dimensions]);
    requireCountable(event, dimensions, contract.key);
    return { ...event, dimensions };
  });
  return { ...counters, events };
}

const listDimensions = (
  { leaves }: EventContract,
  ofReport: boolean,
): ReadonlyMap<string, Dimension> =>
  new Map(
    leaves.map(({ name, type, schema }) => {
      const isBoolean = readType(schema.items ?? schema) === "boolean";
      const listed = new Set(isBoolean ? ["true", "false"] : listValues(schema));
      return [name, { type, listed, ofReport }];
    }),
  );

/** The ID is not a dimension, and two lists would count every pair of their elements. */
function requireCountable(
  { name, sums, pairs }: EventKind,
  dimensions: EventKind["dimensions"],
  key: string,
): void {
  const typeOf = (field: string): string | undefined => dimensions.get(field)?.type;
  const fields = pairs.flat();
  const wrong = [
    ...fields.filter((field) => field === key || !dimensions.has(field)),
    ...pairs.filter((pair) => pair.length > 1 && pair.every((it) => typeOf(it) === "array")),
    ...Object.values(sums).filter((field) => field !== 1 && typeOf(field) !== "integer"),
    ...(Object.keys(sums).length === 0 ? ["no sum"] : []),
  ];
  if (wrong.length > 0) {
    throw new Error(
      `The event ${name} cannot be counted by ${wrong.join("; ")}. A pair names one or two fields ` +
        "of the event or the report, not the ID, and at most one list. A sum names an integer.",
    );
  }
}

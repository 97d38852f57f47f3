/** Sums what a report counts: one row for each day, event and pair of values. */

import type { Row } from "./contract.ts";
import type { Counters, Dimension, EventKind } from "./counters.ts";
import { DAY_MS, toDay } from "./time.ts";

/** What a report adds to one row of the counters. */
export interface CounterRow {
  readonly day: string;
  readonly event: string;
  /** The names of the pair's fields, joined by a comma; the empty text without fields. */
  readonly pair: string;
  /** The fields' values; the empty text if a value was not reported. */
  readonly first: string;
  readonly second: string;
  /** Which values the contract does not list: 1 the first, 2 the second, 3 both. */
  readonly open: number;
  /** By column. */
  readonly sums: Readonly<Record<string, number>>;
}

/** Stands for the values that found no place. */
export const OTHER = "(other)";
/** How many events of a report are looked at. */
export const MOST_EVENTS = 100;
/** How far from now an event's own time counts. */
const OLDEST_MS = 30 * DAY_MS;
const NEWEST_MS = 10 * 60_000;

/** @param row - the report's values as the contract cleaned them */
export function sumEvents(
  { events, list }: Counters,
  report: unknown,
  row: Row,
  now: Date,
): readonly CounterRow[] {
  // A Map, because an event may be called `constructor`.
  const kinds = new Map(events.map((event) => [event.name, event]));
  const sums = new Map<string, CounterRow>();
  for (const { name, properties, time } of list(report, row).slice(0, MOST_EVENTS)) {
    const kind = kinds.get(name as string);
    const verdict = kind?.contract.check(properties);
    if (kind && verdict?.ok) {
      for (const added of listRows(kind, verdict.row, row, findDay(time, now))) {
        addRow(sums, added);
      }
    }
  }
  return [...sums.values()];
}

function addRow(sums: Map<string, CounterRow>, added: CounterRow): void {
  const { day, event, pair, first, second } = added;
  const key = JSON.stringify([day, event, pair, first, second]);
  const before = sums.get(key)?.sums ?? {};
  const columns = Object.entries(added.sums).map(([column, value]) => [
    column,
    Math.min(Number.MAX_SAFE_INTEGER, value + (before[column] ?? 0)),
  ]);
  sums.set(key, { ...added, sums: Object.fromEntries(columns) as CounterRow["sums"] });
}

function listRows(kind: EventKind, own: Row, report: Row, day: string): readonly CounterRow[] {
  const { name: event, dimensions } = kind;
  // An event without fields has one row a day.
  const pairs = kind.pairs.length === 0 ? [[]] : kind.pairs;
  const read = (field: string): unknown =>
    (dimensions.get(field)?.ofReport ? report : own).get(field) ?? null;
  const columns = Object.entries(kind.sums).map(([column, field]) => [
    column,
    field === 1 ? 1 : (read(field) ?? 0),
  ]);
  const sums = Object.fromEntries(columns) as CounterRow["sums"];
  return pairs.flatMap((names) => {
    const [firsts = [CLOSED], seconds = [CLOSED]] = names.map((field) =>
      listTexts(read(field), dimensions.get(field)),
    );
    const pair = names.join();
    return firsts.flatMap((first) =>
      seconds.map((second) => {
        const open = Number(first.isOpen) + 2 * Number(second.isOpen);
        return { day, event, pair, first: first.text, second: second.text, open, sums };
      }),
    );
  });
}

interface Value {
  readonly text: string;
  readonly isOpen: boolean;
}

const CLOSED: Value = { text: "", isOpen: false };

/** List the texts that a field counts for: each element of a list, which is stored as JSON. */
function listTexts(value: unknown, dimension: Dimension | undefined): readonly Value[] {
  if (value === null || dimension === undefined) {
    return [CLOSED];
  }
  const { type, listed } = dimension;
  const values = type === "array" ? (JSON.parse(String(value)) as unknown[]) : [value];
  const texts = values.map((it) => (type === "boolean" ? String(it === 1) : String(it)));
  return texts.length === 0
    ? [CLOSED]
    : texts.map((text) => ({
        text,
        isOpen: !listed.has(text) && text !== "" && text !== OTHER,
      }));
}

/** Find the day of an event's own time if that is in bounds; today if not. */
function findDay(time: unknown, now: Date): string {
  const sent = typeof time === "string" ? Date.parse(time) : NaN;
  const age = now.getTime() - sent;
  return toDay(age <= OLDEST_MS && age >= -NEWEST_MS ? new Date(sent) : now);
}

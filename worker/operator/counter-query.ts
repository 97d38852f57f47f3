/** Reads a request for sums of counters from the query of its URL. */

import type { Counters } from "../src/kinds/counters.ts";
import { DAY_MS, toDay } from "../src/kinds/time.ts";

/** Days in UTC. */
export interface DayRange {
  readonly from: string;
  /** The day after the last one. */
  readonly until: string;
}

const COLUMNS = ["first", "second"] as const;
export const STEPS = ["day", "week", "total"] as const;

export interface CounterQuery extends Omit<CountedPair, "retentionDays"> {
  /** The columns of the values that have rows of their own. */
  readonly by: readonly (typeof COLUMNS)[number][];
  readonly step: (typeof STEPS)[number];
  readonly days: readonly string[];
  /** How many values have rows of their own, the largest; the rest is added to `(other)`. */
  readonly top: number;
}

/** `str()` of the error says how to correct the query. */
export class InvalidQueryError extends Error {}

/** How many rows an answer has at most. */
const MOST_ROWS = 20_000;
export const MOST_VALUES = 500;
const DEFAULT_VALUES = 20;
const DEFAULT_DAYS = 30;

/** A pair of an event, and what is known of it. */
export interface CountedPair {
  readonly event: string;
  /** Its names, joined by a comma. */
  readonly pair: string;
  readonly table: string;
  readonly retentionDays: number;
  /** The columns of the numbers. */
  readonly sums: readonly string[];
}

export const listPairs = (counters: readonly Counters[]): readonly CountedPair[] =>
  counters.flatMap(({ table, retentionDays, events }) =>
    events.flatMap(({ name: event, pairs, sums }) =>
      (pairs.length === 0 ? [[]] : pairs).map((names) => ({
        ...{ event, pair: names.join(","), table, retentionDays, sums: Object.keys(sums) },
      })),
    ),
  );

/** @throws InvalidQueryError - if a parameter is unknown, not valid, or asks for too many rows */
export function parseCounterQuery(
  counters: readonly Counters[],
  query: URLSearchParams,
  now: Date,
): CounterQuery {
  const all = listPairs(counters);
  const events = [...new Set(all.map((it) => it.event))];
  const event = choose(query, "event", events);
  const own = all.filter((it) => it.event === event);
  const names = own.map((it) => it.pair);
  const pair = choose(query, "pair", names, names.length === 1 ? names[0] : undefined);
  const { table, retentionDays, sums } = own.find((it) => it.pair === pair)!;
  const columns = COLUMNS.slice(0, pair === "" ? 0 : pair.split(",").length);
  const choices = [...columns, ...(columns.length === 2 ? ["both"] : []), "none"];
  const by = choose(query, "by", choices, choices.at(-2) ?? "none");
  const step = choose(query, "step", STEPS, "day");
  const top = readTop(query);
  const days = listDays(readDays(query, now, DEFAULT_DAYS), now, retentionDays);
  const steps = { day: days.length, week: days.length / 7 + 1, total: 1 }[step];
  if (by !== "none" && steps * top > MOST_ROWS) {
    throw new InvalidQueryError("Choose a shorter time, a larger step or a smaller top.");
  }
  return {
    ...{ table, event, pair, sums, step, days, top },
    by: columns.filter((name) => by === "both" || by === name),
  };
}

/** Read `from` and `until`. By default, they are the last days and today. */
export function readDays(query: URLSearchParams, now: Date, defaultDays: number): DayRange {
  const until = readDay(query, "until") ?? addDays(now, 1);
  return { from: readDay(query, "from") ?? addDays(new Date(until), -1 - defaultDays), until };
}

const addDays = (time: Date, days: number): string =>
  toDay(new Date(time.getTime() + days * DAY_MS));

/** List the days of *range* that may have counters. */
function listDays({ from, until }: DayRange, now: Date, retentionDays: number): readonly string[] {
  const days: string[] = [];
  // A client's clock may be ahead by minutes, and the purge of today may not have run yet.
  const [first, last] = [addDays(now, -1 - retentionDays), addDays(now, 2)];
  const end = until < last ? until : last;
  for (let day = from > first ? from : first; day < end; day = addDays(new Date(day), 1)) {
    days.push(day);
  }
  return days;
}

const DAY = /^(\d{4}-\d{2}-\d{2})(?:T[0-9:.]+Z)?$/;

/** Read a day, or a time in UTC; null if the query does not name one. */
function readDay(query: URLSearchParams, name: string): string | null {
  const [text, ...more] = query.getAll(name);
  if (text === undefined) {
    return null;
  }
  const day = DAY.exec(text)?.[1] ?? "";
  // The parser takes the 30th of February for a day in March.
  if (more.length > 0 || Number.isNaN(Date.parse(text)) || toDay(new Date(text)) !== day) {
    throw new InvalidQueryError(`Write ${name} as 2026-11-27 or 2026-11-27T00:00:00Z.`);
  }
  return day;
}

function readTop(query: URLSearchParams): number {
  const [text = String(DEFAULT_VALUES), ...more] = query.getAll("top");
  const top = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (more.length > 0 || top < 1 || top > MOST_VALUES) {
    throw new InvalidQueryError(`Set top to a whole number from 1 to ${MOST_VALUES}.`);
  }
  return top;
}

/** Read the one of *allowed* that the query names. */
function choose<Choice extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly Choice[],
  standard?: Choice,
): Choice {
  const [text = standard, ...more] = query.getAll(name);
  const choice = allowed.find((it) => it === text);
  if (choice === undefined || more.length > 0) {
    throw new InvalidQueryError(`Set ${name} to one of these: ${allowed.join("; ")}.`);
  }
  return choice;
}

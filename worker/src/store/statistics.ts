/** Counts of installations in D1, and what is published of them. */

import { LEAST, type Cell, type Small } from "../ksafe";
import type { Kind } from "../kinds";
import type { Published, Within } from "../published";
import { text } from "./reports";

/** Installations are counted whose latest report lies from *from* to before *until*. */
export interface Period {
  readonly name: string;
  readonly from: Date;
  /** Null if there is no end yet. */
  readonly until: Date | null;
}

/** A month that is over: the same, as it was when it ended. */
export interface Month extends Period {
  readonly until: Date;
}

export interface Publication {
  readonly period: string;
  /** When it was counted, ISO 8601. */
  readonly asOf: string;
  /** JSON. */
  readonly body: string;
}

/** Exact counts of one field in one period. */
export interface Counts {
  /** Those that may be published by themselves; each value as JSON. */
  readonly cells: readonly Cell[];
  readonly small: Small;
}

export interface State {
  /** When the oldest report was received, ISO 8601; null if there is none. */
  readonly oldest: string | null;
  /** By period: when what is published of it was counted, ISO 8601. */
  readonly asOf: ReadonlyMap<string, string>;
}

/** @throws Error - whatever D1 throws, as all of this module's functions */
export async function state(db: D1Database, { table }: Kind): Promise<State> {
  const [first, published] = await db.batch<{ received: string; period: string; as_of: string }>([
    db.prepare(`SELECT "received" FROM "${table}" ORDER BY "id" LIMIT 1`),
    db.prepare(`SELECT "period", "as_of" FROM "publications"`),
  ]);
  return {
    oldest: first?.results[0]?.received ?? null,
    asOf: new Map(published?.results.map(({ period, as_of }) => [period, as_of])),
  };
}

/**
 * As many IDs begin with one hexadecimal digit as with another. Each quarter is counted
 * by a statement of its own, so that none comes near the time that D1 gives it.
 */
const QUARTERS = ["", "4", "8", "c", "\u{10ffff}"] as const;

/**
 * Counts *open* periods and *over* months anew, all of them or none.
 *
 * Each installation is read once for the fields of closed values and once for the
 * others, grouped as it stands: a group for each field would read them all ten times.
 * That a month is over does not show in the latest reports: whoever has reported since
 * counts by the report before, which is looked up for each report since.
 */
export async function count(
  db: D1Database,
  kind: Kind,
  open: readonly Period[],
  over: readonly Month[],
): Promise<void> {
  const { table, latest, published, contract } = kind;
  const periods = [...open, ...over];
  const passes = [published.filter((it) => !it.open), published.filter((it) => it.open)];
  const bounds = [
    ...new Set(
      periods.flatMap(({ from, until }) => [text(from), ...(until === null ? [] : [text(until)])]),
    ),
  ].toSorted();
  const statements = [
    db
      .prepare(`DELETE FROM "cells" WHERE "period" IN (SELECT value FROM json_each(?1))`)
      .bind(JSON.stringify(periods.map(({ name }) => name))),
  ];
  const add = (
    fields: readonly Published[],
    source: string,
    [first, end]: readonly [string, string],
    counted: readonly Period[],
  ): void => {
    const sql = counting(source, fields, bounds.length);
    statements.push(db.prepare(sql).bind(bands(counted, bounds), first, end, ...bounds));
  };
  const quarter = `SELECT * FROM "${latest}" WHERE "${contract.key}" >= ?2 AND "${contract.key}" < ?3`;
  for (const fields of passes) {
    for (const [index, end] of QUARTERS.slice(1).entries()) {
      add(fields, quarter, [QUARTERS[index] ?? "", end], periods);
    }
    for (const month of over) {
      add(fields, overtaken(table, contract.key), [text(month.from), text(month.until)], [month]);
    }
  }
  await db.batch(statements);
}

/**
 * The reports from ?2 to before ?3 whose installations' next one came at ?3 or later.
 *
 * `id` grows with `received`, but for clocks that do not agree: up to an hour of that
 * costs an hour's reports to read, and no report that came since.
 */
const overtaken = (table: string, key: string): string => `
  SELECT "before".* FROM "${table}" AS "since" CROSS JOIN "${table}" AS "before" ON "before"."id" = (
    SELECT "id" FROM "${table}"
    WHERE "${key}" = "since"."${key}" AND "received" < "since"."received"
    ORDER BY "received" DESC LIMIT 1)
  WHERE "since"."id" > COALESCE(
      (SELECT "id" FROM "${table}"
        WHERE "received" < strftime('%Y-%m-%dT%H:%M:%fZ', ?3, '-1 hour')
        ORDER BY "id" DESC LIMIT 1), 0)
    AND "since"."received" >= ?3 AND "before"."received" >= ?2 AND "before"."received" < ?3`;

/** As JSON: between which of *bounds* each of *periods* lies. */
function bands(periods: readonly Period[], bounds: readonly string[]): string {
  const band = (time: Date): number => bounds.indexOf(text(time)) + 1;
  return JSON.stringify(
    periods.map(({ name, from, until }) => ({
      name,
      first: band(from),
      end: until === null ? bounds.length + 1 : band(until),
    })),
  );
}

/**
 * Adds to the cells what *source* has of *fields*.
 *
 * ?1 is the periods' bands, as JSON; ?2 and ?3 are the source's; from ?4 on come the
 * bounds. The band of a report is the number of bounds that it does not lie before.
 */
function counting(source: string, fields: readonly Published[], bounds: number): string {
  const values = fields.map(({ name, within }) =>
    within === null ? `"${name}"` : `CASE WHEN ${holds(within)} THEN "${name}" END AS "${name}"`,
  );
  // A flag beside each field that not all count in.
  const flags = fields.flatMap(({ name, within }) =>
    within === null ? [] : [{ name, flag: `${holds(within)} AS "counts in ${name}"` }],
  );
  const band = Array.from({ length: bounds }, (_, index) => `("received" >= ?${index + 4})`);
  const columns = [...values, ...flags.map(({ flag }) => flag), `${band.join(" + ")} AS "band"`];
  const names = fields.map(({ name }) => name);
  return `INSERT INTO "cells" ("period", "field", "value", "installs")
    WITH "groups" AS MATERIALIZED (
      SELECT ${columns.join(", ")}, COUNT(*) AS "installs" FROM (${source})
      GROUP BY ${columns.map((_, index) => index + 1).join(", ")}
    ), "counts" AS MATERIALIZED (
      SELECT "name".value AS "field",
        json_quote(CASE "name".value ${names.map((name) => `WHEN '${name}' THEN "${name}"`).join(" ")} END)
          AS "value",
        "band", SUM("installs") AS "installs"
      FROM "groups" CROSS JOIN json_each('${JSON.stringify(names)}') AS "name"
      WHERE TRUE
        ${flags.map(({ name }) => `AND ("name".value <> '${name}' OR "counts in ${name}")`).join(" ")}
      GROUP BY 1, 2, 3
    )
    SELECT "period".value ->> 'name', "field", "counts"."value", SUM("installs")
    FROM "counts" CROSS JOIN json_each(?1) AS "period"
    WHERE "band" >= "period".value ->> 'first' AND "band" < "period".value ->> 'end'
    GROUP BY 1, 2, 3
    ON CONFLICT DO UPDATE SET "installs" = "installs" + excluded."installs"`;
}

const holds = ({ field, value }: Within): string => `"${field}" IS '${value}'`;

/**
 * What was counted of *period*, by field.
 *
 * Cells that are never published by themselves come as one a field: there may be as
 * many of them as there are installations, where somebody makes values up.
 */
export async function counted(
  db: D1Database,
  period: string,
): Promise<ReadonlyMap<string, Counts>> {
  const [result] = await db.batch<{
    field: string;
    value: string | null;
    cells: number;
    installs: number;
  }>([
    db
      .prepare(
        `SELECT "field", CASE WHEN "installs" >= ?2 THEN "value" END AS "value",
          COUNT(*) AS "cells", SUM("installs") AS "installs"
        FROM "cells" WHERE "period" = ?1 GROUP BY 1, 2 ORDER BY 1, 2`,
      )
      .bind(period, LEAST),
  ]);
  const rows = Map.groupBy(result?.results ?? [], ({ field }) => field);
  return new Map(
    [...rows].map(([field, found]) => [
      field,
      {
        cells: found.flatMap(({ value, installs }) =>
          value === null ? [] : [{ value, installs }],
        ),
        small: found.find(({ value }) => value === null) ?? { cells: 0, installs: 0 },
      },
    ]),
  );
}

/** What is published of each of *wanted*, if anything is; and of which periods there is. */
export async function published(
  db: D1Database,
  wanted: readonly string[],
): Promise<{ found: ReadonlyMap<string, Publication>; periods: readonly string[] }> {
  const [bodies, names] = await db.batch<{ period: string; as_of: string; body: string }>([
    db
      .prepare(
        `SELECT "period", "as_of", "body" FROM "publications"
        WHERE "period" IN (SELECT value FROM json_each(?1))`,
      )
      .bind(JSON.stringify(wanted)),
    db.prepare(`SELECT "period" FROM "publications" ORDER BY "period"`),
  ]);
  return {
    found: new Map(
      bodies?.results.map(({ period, as_of, body }) => [period, { period, asOf: as_of, body }]),
    ),
    periods: names?.results.map(({ period }) => period) ?? [],
  };
}

/** Publishes all of *publications*, or none. */
export async function replace(db: D1Database, publications: readonly Publication[]): Promise<void> {
  await db.batch(
    publications.map(({ period, asOf, body }) =>
      db
        .prepare(
          `INSERT OR REPLACE INTO "publications" ("period", "as_of", "body") VALUES (?1, ?2, ?3)`,
        )
        .bind(period, asOf, body),
    ),
  );
}

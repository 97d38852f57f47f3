/** Reports in D1, and the latest of each installation. Only this folder talks to D1. */

import type { Column } from "../contract";
import type { Kind } from "../kinds";

/** An installation counts once in this many milliseconds: 7 days. */
export const WINDOW_MS = 7 * 86_400_000;

export type Stored = { readonly ok: true } | { readonly ok: false; readonly lastSent: string };

/**
 * Stores *row*, unless its installation was stored within the window.
 *
 * One statement decides, so that of any number of simultaneous reports one is
 * stored. The others ride in the same round trip: one tells what the first did and
 * when the installation was last heard of, one keeps what was stored as its latest.
 *
 * @throws Error - whatever D1 throws; nothing is stored then
 */
export async function store(
  db: D1Database,
  kind: Kind,
  row: ReadonlyMap<string, Column>,
  now: Date,
): Promise<Stored> {
  const { insert, last, keep, others, kept } = statements(kind);
  const key = row.get(kind.contract.key) ?? null;
  const windowStart = new Date(now.getTime() - WINDOW_MS);
  const [, told] = await db.batch<{ received: string; stored: number }>([
    db.prepare(insert).bind(text(now), key, text(windowStart), ...columns(row, others)),
    db.prepare(last).bind(key),
    db.prepare(keep).bind(text(now), key, ...columns(row, kept)),
  ]);
  const latest = told?.results[0];
  // What is left out must be so for the window's sake: OR IGNORE would leave out a row
  // for any constraint's sake, too.
  if (latest === undefined || !(latest.stored || latest.received > text(windowStart))) {
    throw new Error("D1 stored nothing, though the window is over.");
  }
  return latest.stored ? { ok: true } : { ok: false, lastSent: latest.received };
}

const columns = (row: ReadonlyMap<string, Column>, names: readonly string[]): Column[] =>
  names.map((name) => row.get(name) ?? null);

/**
 * Deletes every row of the installation *key*, in the tables of all *kinds*: in
 * one transaction, all of them or none.
 *
 * @throws Error - whatever D1 throws; nothing is deleted then
 */
export async function erase(db: D1Database, kinds: readonly Kind[], key: Column): Promise<void> {
  await db.batch(
    kinds.flatMap(({ table, latest, contract }) =>
      [table, latest].map((one) =>
        db.prepare(`DELETE FROM "${one}" WHERE "${contract.key}" = ?1`).bind(key),
      ),
    ),
  );
}

/** Reads a row of each table, if there is one. @throws Error - if one cannot be read */
export async function look(db: D1Database, kinds: readonly Kind[]): Promise<void> {
  await db.batch(
    kinds.flatMap(({ table, latest }) =>
      [table, latest].map((one) => db.prepare(`SELECT 1 FROM "${one}" LIMIT 1`)),
    ),
  );
}

/** IDs that one statement goes through: well within the time that D1 gives it. */
const PURGE_BATCH = 5000;

/**
 * Deletes the reports that were received before *before*, and with them the
 * installations that have no later one; gives how many reports.
 *
 * `id` grows with `received`, so the lowest ids are gone through, a batch at a time
 * for as long as the lowest is due: four rows read for each that goes, two batches at
 * most beyond those, and no index on `received`, which every report would have to
 * write. A row from a clock that was fast holds up those behind it for as long as
 * that clock was fast.
 *
 * @throws Error - whatever D1 throws; the batches before stay deleted
 */
export async function purge(
  db: D1Database,
  { table, latest, contract: { key } }: Kind,
  before: Date,
): Promise<number> {
  const due = `"received" < ?1 AND "id" <= (
    SELECT "id" + ?2 - 1 FROM (SELECT "id", "received" FROM "${table}" ORDER BY "id" LIMIT 1)
    WHERE "received" < ?1)`;
  const statements = [
    // First, while the reports still tell which installations to look at.
    `DELETE FROM "${latest}" WHERE "received" < ?1
      AND "${key}" IN (SELECT "${key}" FROM "${table}" WHERE ${due})`,
    `DELETE FROM "${table}" WHERE ${due}`,
  ].map((sql) => db.prepare(sql).bind(text(before), PURGE_BATCH));
  let purged = 0;
  for (let batch = 1; batch > 0; purged += batch) {
    const [, result] = await db.batch(statements);
    batch = result?.meta.changes ?? 0;
  }
  return purged;
}

/** ISO 8601 in UTC with milliseconds has one width: text order is time order. */
export const text = (time: Date): string => time.toISOString();

interface Statements {
  /** ?1 received, ?2 key, ?3 start of the window, then the other fields. */
  readonly insert: string;
  /** ?1 key */
  readonly last: string;
  /** ?1 received, ?2 key, then the kept fields. */
  readonly keep: string;
  readonly others: readonly string[];
  readonly kept: readonly string[];
}

const made = new WeakMap<Kind, Statements>();

function statements(kind: Kind): Statements {
  let known = made.get(kind);
  if (known === undefined) {
    known = build(kind);
    made.set(kind, known);
  }
  return known;
}

/** Names come from the contract and are quoted: `commit` is a keyword. */
function build({ table, latest, contract, published }: Kind): Statements {
  const { key } = contract;
  const others = contract.fields.filter((field) => field !== key);
  const kept = published.map(({ name }) => name);
  const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");
  const marks = (names: readonly string[], first: number): string[] =>
    names.map((_, index) => `?${index + first}`);
  return {
    // Within the window there is no time to give, a row without one may not be, and
    // is left out. That reads one row less than INSERT ... SELECT, which copies first
    // what it selects from the table that it writes to. `changes()` is the last writing
    // statement's: what comes between only reads; and no trigger may hang on the table,
    // because it would inherit OR IGNORE.
    insert: `INSERT OR IGNORE INTO "${table}" (${quoted(["received", key, ...others])}) VALUES (
      (SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM "${table}" WHERE "${key}" = ?2 AND "received" > ?3)),
      ${["?2", ...marks(others, 4)].join(", ")})`,
    last: `SELECT "received", changes() AS "stored" FROM "${table}" WHERE "${key}" = ?1
      ORDER BY "received" DESC LIMIT 1`,
    // Still the changes of the insert.
    keep: `INSERT INTO "${latest}" (${quoted(["received", key, ...kept])})
      SELECT ${["?1", "?2", ...marks(kept, 3)].join(", ")} WHERE changes() > 0
      ON CONFLICT ("${key}") DO UPDATE SET
      ${["received", ...kept].map((name) => `"${name}" = excluded."${name}"`).join(", ")}`,
    others,
    kept,
  };
}

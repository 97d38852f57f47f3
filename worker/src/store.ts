/** The only module that talks to D1. */

import type { Column } from "./contract";
import type { Kind } from "./kinds";

/** An installation counts once in this many milliseconds: 7 days. */
export const WINDOW_MS = 7 * 86_400_000;

export type Stored =
  | { readonly ok: true }
  | { readonly ok: false; readonly lastSent: string };

/**
 * Stores *row*, unless its installation was stored within the window.
 *
 * One statement decides, so that of any number of simultaneous reports one is
 * stored. The second rides in the same round trip, and tells what the first did
 * and when the installation was last heard of.
 *
 * @throws Error - whatever D1 throws; nothing is stored then
 */
export async function store(
  db: D1Database,
  kind: Kind,
  row: ReadonlyMap<string, Column>,
  now: Date,
): Promise<Stored> {
  const { insert, last, others } = statements(kind);
  const key = row.get(kind.contract.key) ?? null;
  const windowStart = new Date(now.getTime() - WINDOW_MS);
  const [, told] = await db.batch<{ received: string; stored: number }>([
    db.prepare(insert).bind(text(now), key, text(windowStart), ...others.map((name) => row.get(name) ?? null)),
    db.prepare(last).bind(key),
  ]);
  const latest = told?.results[0];
  // What is left out must be so for the window's sake: OR IGNORE would leave out a row
  // for any constraint's sake, too.
  if (latest === undefined || !(latest.stored || latest.received > text(windowStart))) {
    throw new Error("D1 stored nothing, though the window is over.");
  }
  return latest.stored ? { ok: true } : { ok: false, lastSent: latest.received };
}

/**
 * Deletes every row of the installation *key*, in the tables of all *kinds*: in
 * one transaction, all of them or none.
 *
 * @throws Error - whatever D1 throws; nothing is deleted then
 */
export async function erase(
  db: D1Database,
  kinds: readonly Kind[],
  key: Column,
): Promise<void> {
  await db.batch(
    kinds.map(({ table, contract }) =>
      db.prepare(`DELETE FROM "${table}" WHERE "${contract.key}" = ?1`).bind(key),
    ),
  );
}

/** Reads a row of each kind, if there is one. @throws Error - if a table cannot be read */
export async function look(db: D1Database, kinds: readonly Kind[]): Promise<void> {
  await db.batch(kinds.map(({ table }) => db.prepare(`SELECT 1 FROM "${table}" LIMIT 1`)));
}

/** IDs that one statement goes through: well within the time that D1 gives it. */
const PURGE_BATCH = 5000;

/**
 * Deletes the rows that were received before *before*; gives how many.
 *
 * `id` grows with `received`, so the lowest ids are gone through, a batch at a time
 * for as long as the lowest is due: two rows read for each that goes, a batch at
 * most beyond those, and no index on `received`, which every report would have to
 * write. A row from a clock that was fast holds up those behind it for as long as
 * that clock was fast.
 *
 * @throws Error - whatever D1 throws; the batches before stay deleted
 */
export async function purge(db: D1Database, { table }: Kind, before: Date): Promise<number> {
  const statement = db
    .prepare(
      `DELETE FROM "${table}" WHERE "received" < ?1 AND "id" <= (
        SELECT "id" + ?2 - 1 FROM (SELECT "id", "received" FROM "${table}" ORDER BY "id" LIMIT 1)
        WHERE "received" < ?1)`,
    )
    .bind(text(before), PURGE_BATCH);
  let purged = 0;
  for (let batch = 1; batch > 0; purged += batch) {
    const [result] = await db.batch([statement]);
    batch = result?.meta.changes ?? 0;
  }
  return purged;
}

/** ISO 8601 in UTC with milliseconds has one width: text order is time order. */
const text = (time: Date): string => time.toISOString();

interface Statements {
  /** ?1 received, ?2 key, ?3 start of the window, then the other fields. */
  readonly insert: string;
  /** ?1 key */
  readonly last: string;
  readonly others: readonly string[];
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
function build({ table, contract }: Kind): Statements {
  const { key } = contract;
  const others = contract.fields.filter((field) => field !== key);
  const columns = ["received", key, ...others].map((name) => `"${name}"`).join(", ");
  const marks = others.map((_, index) => `?${index + 4}`).join(", ");
  return {
    // Within the window there is no time to give, a row without one may not be, and
    // is left out. That reads one row less than INSERT ... SELECT, which copies first
    // what it selects from the table that it writes to. `changes()` is the last writing
    // statement's: none may come between the two; and no trigger may hang on the table,
    // because it would inherit OR IGNORE.
    insert: `INSERT OR IGNORE INTO "${table}" (${columns}) VALUES (
      (SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM "${table}" WHERE "${key}" = ?2 AND "received" > ?3)),
      ?2, ${marks})`,
    last: `SELECT "received", changes() AS "stored" FROM "${table}" WHERE "${key}" = ?1
      ORDER BY "received" DESC LIMIT 1`,
    others,
  };
}

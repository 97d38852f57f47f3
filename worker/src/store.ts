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
 * stored. The second rides in the same round trip and tells a refused sender when
 * it was last heard of.
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
  // ISO 8601 in UTC with milliseconds has one width: text order is time order.
  const windowStart = new Date(now.getTime() - WINDOW_MS).toISOString();
  const [inserted, latest] = await db.batch<{ received: string }>([
    db.prepare(insert).bind(now.toISOString(), key, windowStart, ...others.map((name) => row.get(name) ?? null)),
    db.prepare(last).bind(key),
  ]);
  if (inserted?.results.length) {
    return { ok: true };
  }
  const lastSent = latest?.results[0]?.received;
  if (lastSent === undefined) {
    throw new Error("D1 stored nothing and knows of nothing stored.");
  }
  return { ok: false, lastSent };
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
    insert: `INSERT INTO "${table}" (${columns}) SELECT ?1, ?2, ${marks}
      WHERE NOT EXISTS (SELECT 1 FROM "${table}" WHERE "${key}" = ?2 AND "received" > ?3)
      RETURNING "received"`,
    last: `SELECT "received" FROM "${table}" WHERE "${key}" = ?1
      ORDER BY "received" DESC LIMIT 1`,
    others,
  };
}

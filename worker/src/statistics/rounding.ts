/**
 * Rounds counts to multiples of five, so that their true values stay hidden.
 *
 * This is the fixed random rounding of official statistics. Each cell has an offset from 0 to 4
 * that only the endpoint can derive. It depends on the cell's name and not on the period, so a
 * count that has not changed is rounded the same way in every edition, and asking often averages
 * nothing out.
 */

/** Published counts are multiples of this. */
export const BASE = 5;
/** The smallest count that is published. */
export const LEAST = 15;
/** No smaller count can be published, whatever its offset is (decision S10). */
export const LEAST_TRUE_COUNT = LEAST - (BASE - 1);

export interface Cell {
  /** JSON. */
  readonly value: string;
  readonly installs: number;
}

/** The exact counts of one period. */
export interface Counts {
  /** Distinct installations. */
  readonly total: number;
  /** Installations with one report only, where a kind counts from the second report on. */
  readonly newcomers: number;
  /** By field; cells below `LEAST_TRUE_COUNT` may be missing. */
  readonly fields: ReadonlyMap<string, readonly Cell[]>;
}

/** Like `Counts`, rounded. Null, or a missing cell, is too small to be published. */
export interface RoundedCounts {
  readonly total: number | null;
  readonly newcomers: number | null;
  /** The largest cells first. */
  readonly fields: ReadonlyMap<string, readonly Cell[]>;
}

/** The runtime's own type of a key. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Import the endpoint's secret as a key for `roundCounts`. */
export const importSecret = (secret: Uint8Array<ArrayBuffer>): Promise<Key> =>
  crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

/** Round all *counts* of the report kind *kind*. */
export async function roundCounts(
  secret: Key,
  kind: string,
  { total, newcomers, fields }: Counts,
): Promise<RoundedCounts> {
  const round = async (count: number, ...name: readonly string[]): Promise<number | null> =>
    count < LEAST_TRUE_COUNT
      ? null
      : roundCount(count, await deriveOffset(secret, [kind, ...name]));
  const rounded = [...fields].map(async ([field, cells]): Promise<[string, readonly Cell[]]> => {
    const all = cells.map(async ({ value, installs }): Promise<readonly Cell[]> => {
      const count = await round(installs, field, value);
      return count === null ? [] : [{ value, installs: count }];
    });
    return [field, (await Promise.all(all)).flat().toSorted(compareCells)];
  });
  return {
    total: await round(total, "total"),
    newcomers: await round(newcomers, "newcomers"),
    fields: new Map(await Promise.all(rounded)),
  };
}

/** @returns the published count; null if it is too small to be published */
export function roundCount(count: number, offset: number): number | null {
  const rounded = BASE * Math.floor((count + offset) / BASE);
  return rounded < LEAST ? null : rounded;
}

/**
 * Derive the offset of a cell from the secret: 0 to 4, each as likely as the others.
 *
 * @param name - the kind, the field and the value as JSON; or the kind and `total` or `newcomers`
 */
export async function deriveOffset(secret: Key, name: readonly string[]): Promise<number> {
  const text = new TextEncoder().encode(JSON.stringify(name));
  const code = await crypto.subtle.sign("HMAC", secret, text);
  return new DataView(code).getUint32(0) % BASE;
}

/** The order of equal numbers must not depend on the true counts. */
const compareCells = (left: Cell, right: Cell): number =>
  right.installs - left.installs || (left.value < right.value ? -1 : 1);

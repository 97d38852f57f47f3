/**
 * Rounds a count to a multiple of five, so that its true value stays hidden.
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

/** The name of a cell; without a field, of the total. */
export type CellName =
  readonly [kind: string] | readonly [kind: string, field: string, value: string];

/** @returns the published count; null if it is too small to be published */
export function roundCount(count: number, offset: number): number | null {
  const rounded = BASE * Math.floor((count + offset) / BASE);
  return rounded < LEAST ? null : rounded;
}

/** Import the endpoint's secret as a key for `deriveOffset`. */
export const importSecret = (secret: BufferSource): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

/** Derive the offset of *cell* from the secret: 0 to 4, each as likely as the others. */
export async function deriveOffset(secret: CryptoKey, cell: CellName): Promise<number> {
  const name = new TextEncoder().encode(JSON.stringify(cell));
  const code = await crypto.subtle.sign("HMAC", secret, name);
  return new DataView(code).getUint32(0) % BASE;
}

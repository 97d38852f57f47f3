/** Writes the lists of names and parameters that statements about reports share. */

import type { Column, Row } from "../kinds/contract.ts";

/** Every name comes from the contract and is quoted, because `commit` is a keyword of SQL. */
export const quoteNames = (names: readonly string[]): string =>
  names.map((name) => `"${name}"`).join(", ");

/** Number a parameter for each of *names*, beginning with *first*. */
export const toParameters = (names: readonly string[], first: number): string[] =>
  names.map((_, index) => `?${index + first}`);

/** List the values of *names*, as the parameters need them. */
export const pick = (row: Row, names: readonly string[]): Column[] =>
  names.map((name) => row.get(name) ?? null);

/** Puts the values of a field into the order that people expect. */

import type { PublishedField } from "../src/kinds/published-fields.ts";
import type { FieldSummary, Value } from "../src/statistics/summary.ts";
import { OTHER } from "../src/store/values.ts";

export type Cell = FieldSummary["cells"][number];

type Compare = (left: Value, right: Value) => number;

/** A number with a dot, or digits alone, which some projects use for dated builds. */
const VERSION = /^v?\d+(?:\.\d+|$)/i;
/** What follows the numbers of a version that is newer than the one without it. */
const LATER = /^(?:\+|[-._]?(?:post|p|r)\d|-\d+-g)/i;

/**
 * Sort the cells of a field: yes before no, numbers and ranges from small to large, versions from
 * new to old, and other values from common to rare. `other` and unknown values come last.
 *
 * @param cells - the largest first
 */
export function sortCells(
  { boolean, listed, openEnded }: PublishedField,
  cells: readonly Cell[],
): readonly Cell[] {
  const named = cells.filter(({ value }) => !isRest(value));
  const compare = chooseOrder(
    boolean,
    openEnded ? null : listed,
    named.map(({ value }) => value),
  );
  const sorted = named.toSorted((left, right) => compare(left.value, right.value));
  const rest = cells.filter(({ value }) => isRest(value));
  return [
    ...sorted,
    ...rest.toSorted((left, right) => Number(left.value === null) - Number(right.value === null)),
  ];
}

/** Whether a value stands for those that are not published, or that reports leave out. */
export const isRest = (value: Value): boolean => value === null || value === OTHER;

function chooseOrder(
  boolean: boolean,
  listed: readonly string[] | null,
  values: readonly Value[],
): Compare {
  if (boolean) {
    return (left, right) => Number(right) - Number(left);
  }
  if (listed !== null && isScale(listed)) {
    return (left, right) => listed.indexOf(String(left)) - listed.indexOf(String(right));
  }
  if (values.every((value) => typeof value === "number")) {
    return (left, right) => Number(left) - Number(right);
  }
  if (listed === null && values.filter(isVersion).length * 2 >= values.length) {
    // A name such as `nightly` comes after the versions.
    return (left, right) =>
      Number(isVersion(right)) - Number(isVersion(left)) ||
      (isVersion(left) ? compareVersions(String(right), String(left)) : 0);
  }
  return () => 0;
}

const isVersion = (value: Value): boolean => typeof value === "string" && VERSION.test(value);

/** Whether a list has numbers or ranges that grow: `0-99`, `100-999`, `1000+`. */
function isScale(listed: readonly string[]): boolean {
  const starts = listed.map((value) => Number(/\d+(?:\.\d+)?/.exec(value)?.[0]));
  return starts.every((start, index) => start >= (starts[index - 1] ?? 0));
}

/** Compare two versions, the older first; a beta comes before its release. */
export function compareVersions(left: string, right: string): number {
  const [older, newer] = [parseVersion(left), parseVersion(right)];
  const length = Math.max(older.numbers.length, newer.numbers.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (older.numbers[index] ?? 0) - (newer.numbers[index] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return (
    rankSuffix(older.suffix) - rankSuffix(newer.suffix) ||
    older.suffix.localeCompare(newer.suffix, "en", { numeric: true })
  );
}

function parseVersion(text: string): { numbers: readonly number[]; suffix: string } {
  const [, digits = "", suffix = text] = /^v?(\d+(?:\.\d+)*)(.*)$/is.exec(text) ?? [];
  return { numbers: digits.split(".").map(Number), suffix };
}

const rankSuffix = (suffix: string): number => (suffix === "" ? 1 : LATER.test(suffix) ? 2 : 0);

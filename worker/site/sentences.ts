/** Writes the sentences above a chart. */

import { formatValue } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";
import { isRest, type Cell } from "./value-order.ts";

/** Shares in words, the smallest first. */
const SHARES: readonly (readonly [share: number, words: string])[] = [
  [1 / 20, "About 1 in 20"],
  [1 / 10, "About 1 in 10"],
  [1 / 5, "About 1 in 5"],
  [1 / 4, "About 1 in 4"],
  [1 / 3, "About 1 in 3"],
  [2 / 5, "About 2 in 5"],
  [1 / 2, "About half of the"],
  [3 / 5, "About 3 in 5"],
  [2 / 3, "About 2 in 3"],
  [3 / 4, "About 3 in 4"],
  [4 / 5, "About 4 in 5"],
  [9 / 10, "About 9 in 10"],
  [1, "Nearly all"],
];

/** Write a share of the installations in words: numbers are rounded, so it is never exact. */
export function describeShare(count: number, total: number): string {
  const share = count / Math.max(total, 1);
  const distance = ([of]: readonly [number, string]): number => Math.abs(of - share);
  return SHARES.reduce((best, next) => (distance(next) < distance(best) ? next : best))[1];
}

/**
 * Write which value is the most common.
 *
 * @param cells - the largest first
 * @param whose - which installations the total counts, such as `installations`
 * @param lead - begins the sentence
 */
export function describeCommonest(
  cells: readonly Cell[],
  total: number,
  whose: string,
  lead = "",
): Markup {
  const [most] = cells;
  if (most === undefined) {
    return markup`${begin(lead, "No value is common enough to be shown.")}`;
  }
  const share = begin(lead, `${describeShare(most.installs, total)} ${whose}`);
  if (most.value === null) {
    return markup`${share} leave it out.`;
  }
  return isRest(most.value)
    ? markup`${share} report a value that is not shown by name.`
    : markup`${share} report <strong><bdi>${formatValue(most.value)}</bdi></strong>.`;
}

const begin = (lead: string, text: string): string =>
  lead === "" ? text : `${lead}${text.charAt(0).toLowerCase()}${text.slice(1)}`;

/**
 * Read from a field's description the question that the field answers; without one, its first
 * sentence.
 */
export function readQuestion(description: string | undefined): Markup {
  const [text = "", question = ""] = (description ?? "").split(/(?:^|\s)Answers: /);
  const shown = question || text.split(/(?<=[.?!])\s/)[0] || "";
  return shown === "" ? NONE : markup`${shown.charAt(0).toUpperCase()}${shown.slice(1)}`;
}

/** Formats measurements as Markdown. */

import { addUp } from "./sums.ts";

/**
 * Print a table whose rows are measured one after the other.
 *
 * @param titles - of the columns, separated as in the table
 */
export async function printTable(
  titles: string,
  rows: readonly (() => Promise<readonly string[]>)[],
): Promise<void> {
  const columns = titles.split(" | ");
  const lines: (readonly string[])[] = [columns, columns.map(() => "---")];
  for (const measure of rows) {
    // All at once would take much memory.
    // oxlint-disable-next-line no-await-in-loop
    lines.push(await measure());
  }
  console.log(lines.map((cells) => `| ${cells.join(" | ")} |\n`).join(""));
}

export const formatPercent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Format the mean and the standard deviation. */
export function formatMean(values: readonly number[]): string {
  const mean = addUp(values) / values.length;
  const variance = addUp(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
  return `${mean.toFixed(2)} ± ${Math.sqrt(variance).toFixed(2)}`;
}

/** Format the median and, in brackets, the range of the middle half. */
export function formatSpread(values: readonly number[], digits = 2): string {
  const sorted = values.toSorted((first, second) => first - second);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) =>
    (sorted[Math.round(share * (sorted.length - 1))] ?? NaN).toFixed(digits),
  );
  return `${middle} (${low}–${high})`;
}

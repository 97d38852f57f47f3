/** Lists the numbers of all weekly editions, for charts over time. */

import type { Summary, Value } from "../src/statistics/summary.ts";

export interface WeekRow {
  /** The end of the week, ISO 8601. */
  readonly until: string;
  /** A published field, or `total`. */
  readonly field: string;
  readonly value: Value;
  readonly installs: number;
  /** Of the installations that *installs* is a part of. */
  readonly total: number;
}

export const TOTAL = "total";

/**
 * List a row for each number of *weeks*.
 *
 * @param only - a published field, or `total`; null for all
 */
export const listWeekRows = (
  weeks: readonly (Summary & { readonly until: string })[],
  only: string | null,
): readonly WeekRow[] =>
  weeks.flatMap(({ until, total, fields, betas }) => {
    const all = total === null ? [] : [{ value: null, installs: total }];
    const groups = [
      { total, fields: { [TOTAL]: { cells: all }, ...fields } },
      ...(betas === null ? [] : [betas]),
    ];
    return groups.flatMap(({ total: whole, fields: listed }) =>
      Object.entries(listed)
        .filter(([field]) => only === null || field === only)
        .flatMap(([field, { cells }]) =>
          cells.map(({ value, installs }) => ({
            ...{ until, field, value, installs },
            total: whole ?? installs,
          })),
        ),
    );
  });

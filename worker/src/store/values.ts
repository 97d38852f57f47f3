/** Writes the SQL that replaces every value that may not be published. */

import type { PublishedField } from "../kinds/published-fields.ts";

/** Stands for every value that is not published, so that no made-up text is. */
export const OTHER = "other";

/**
 * Select *column* if its value may be published, and `OTHER` if not. Null stays null.
 *
 * The database decides this for each value, however rare. If only common values were looked at, the
 * count of `OTHER` would jump when one becomes common, and would give its count away.
 */
export function selectValue({ boolean, listed }: PublishedField, column: string): string {
  if (boolean) {
    // Another number is from before the field became a boolean.
    return `CASE WHEN ${column} IN (0, 1) THEN ${column} END`;
  }
  const isPublishable =
    listed === null
      ? isSafeText(column)
      : `CAST(${column} AS TEXT) IN (${listed.map(quote).join(", ")})`;
  return `CASE WHEN ${column} IS NULL OR ${isPublishable} THEN ${column} ELSE '${OTHER}' END`;
}

/**
 * Select the JSON list in *column* with `OTHER` once instead of all that may not be published.
 *
 * A text that is not JSON is from before the field became a list.
 */
export const selectElements = (field: PublishedField, column: string): string =>
  `CASE WHEN json_valid(${column}) THEN (
    SELECT json_group_array(DISTINCT ${selectValue(field, '"listed".value')})
    FROM json_each(${column}) AS "listed") ELSE '[null]' END`;

/** An integer, digits and dots, a version's candidate with `a`, `b` or `rc`, or a commit. */
function isSafeText(column: string): string {
  // SQLite has no regular expressions.
  const beforeDigits = `rtrim(replace(${column}, 'rc', 'a'), '0123456789')`;
  const isCandidate = `${column} GLOB '[0-9]*[0-9]' AND ${column} NOT GLOB '*..*' AND ${beforeDigits} GLOB '*[0-9][ab]'
    AND ${isPlain(`substr(${beforeDigits}, 1, length(${beforeDigits}) - 1)`)}`;
  const isCommit = `length(${column}) BETWEEN 7 AND 40 AND ${column} NOT GLOB '*[^0-9a-f]*'`;
  return `typeof(${column}) = 'integer' OR ${isPlain(column)} OR ${isCandidate} OR ${isCommit}`;
}

const isPlain = (value: string): string => `${value} NOT GLOB '*[^0-9.]*'`;

/** Write *text* as a literal of SQL. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

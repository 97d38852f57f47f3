/** Writes an edition as JSON and as CSV. */

import type { Value } from "../src/statistics/summary.ts";
import { ROUNDING, type Edition } from "../src/statistics/edition.ts";
import { UNKNOWN } from "./labels.ts";
import { TOTAL, type WeekRow } from "./weeks.ts";

export const CSV_TYPE = "text/csv; charset=utf-8; header=present";

export const toJson = (edition: Edition): string => JSON.stringify(edition);

/** Write CSV (RFC 4180) with a header. A total that is not published has no number. */
export function toCsv({ period, as_of, total, newcomers, fields, betas }: Edition): string {
  const rows = Object.entries({ ...fields, ...betas?.fields }).flatMap(([name, { cells }]) =>
    cells.map(({ value, installs }) => [name, value ?? UNKNOWN, installs]),
  );
  const totals = [
    ["total", "", total],
    ...(newcomers === undefined ? [] : [["newcomers", "", newcomers]]),
  ];
  return toRoundedSheet(
    ["period", "as_of", "field", "value", "installs"],
    [...totals, ...rows].map((row) => [period, as_of, ...row]),
  );
}

/** Write the numbers of weeks as CSV. */
export const toWeeksCsv = (rows: readonly WeekRow[]): string =>
  toRoundedSheet(
    ["until", "field", "value", "installs", "total"],
    rows.map(({ until, field, value, installs, total }) => [
      ...[until, field, value ?? (field === TOTAL ? "" : UNKNOWN), installs, total],
    ]),
  );

type Cells = readonly Value[];

/** Write CSV with a last column that says in every line how numbers are rounded. */
const toRoundedSheet = (header: Cells, rows: readonly Cells[]): string =>
  [`${toLine(header)},rounding`, ...rows.map((row) => `${toLine(row)},"${ROUNDING}"`)]
    .map((line) => `${line}\r\n`)
    .join("");

/** Write CSV (RFC 4180) with a header. */
export const toSheet = (header: Cells, rows: readonly Cells[]): string =>
  [header, ...rows].map((row) => `${toLine(row)}\r\n`).join("");

const toLine = (row: Cells): string => row.map(toCell).join(",");

/**
 * Quote a cell so that no spreadsheet runs it as a formula.
 *
 * Some spreadsheets split cells at tabs or semicolons even inside quotes, and some read fullwidth
 * signs like ordinary ones.
 */
function toCell(value: Value): string {
  const text = String(value ?? "").replace(/(?<=^|[,;\t\r\n"])(?=[\s=+\-@|%＝＋－＠])/g, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

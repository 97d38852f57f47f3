/** Writes an edition as JSON and as CSV. */

import type { FieldSummary, Value } from "../statistics/summary.ts";
import type { Edition } from "./edition.ts";
import { OTHER, UNKNOWN } from "./labels.ts";

export const toJson = (edition: Edition): string => JSON.stringify(edition);

/** Write CSV (RFC 4180) with a header. The withheld rest of a field is a row without a number. */
export function toCsv({ period, as_of, total, fields, betas }: Edition): string {
  const rows = Object.entries({ ...fields, ...betas?.fields }).flatMap(([name, field]) =>
    toRows(field).map(([value, installs]) => [name, value, installs]),
  );
  return [
    ["period", "as_of", "field", "value", "installs"],
    ...[["total", "", total], ...rows].map((row) => [period, as_of, ...row]),
  ]
    .map((row) => `${row.map(toCell).join(",")}\r\n`)
    .join("");
}

const toRows = ({ cells, withheld }: FieldSummary): [Value, number | null][] => [
  ...cells.map(({ value, installs }): [Value, number] => [value ?? UNKNOWN, installs]),
  ...(withheld ? [[OTHER, null] as [Value, null]] : []),
];

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

/** Writes an edition as JSON and as CSV. */

import type { Value } from "../statistics/summary.ts";
import { ROUNDING, type Edition } from "./edition.ts";
import { UNKNOWN } from "./labels.ts";

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
  const lines = [...totals, ...rows].map((row) => [period, as_of, ...row].map(toCell).join(","));
  return [
    "period,as_of,field,value,installs,rounding",
    ...lines.map((line) => `${line},"${ROUNDING}"`),
  ]
    .map((line) => `${line}\r\n`)
    .join("");
}

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

/** `GET /stats`: the numbers, as JSON and as CSV. */

import * as answers from "./answers";
import { edition, type Edition } from "./edition";
import { orUnavailable } from "./faults";
import { OTHER, UNKNOWN } from "./labels";
import { isMonth, USUAL } from "./periods";
import type { Field, Value } from "./statistics";

export const stats = (request: Request, db: D1Database): Promise<Response> =>
  told(request, db, asked(request), json, "application/json");

export const sheet = (request: Request, db: D1Database): Promise<Response> =>
  told(request, db, asked(request), csv, "text/csv; charset=utf-8; header=present");

/** `/stats/2026-11.json`: a month, as a file to be kept. */
export const file = (request: Request, db: D1Database, month: string): Promise<Response> =>
  told(request, db, isMonth(month) ? month : "", json, "application/json");

/** The period that *request* asks for; of two, none. */
export function asked(request: Request): string {
  const [period = USUAL, ...more] = new URL(request.url).searchParams.getAll("period");
  return more.length === 0 ? period : "";
}

function told(
  request: Request,
  db: D1Database,
  period: string,
  form: (edition: Edition) => string,
  type: string,
): Promise<Response> {
  return orUnavailable("statistics", async () => {
    const found = await edition(db, period);
    return found === null ? answers.noSuchPeriod() : answers.openIfNew(request, form(found), type);
  });
}

const json = (edition: Edition): string => JSON.stringify(edition);

/** RFC 4180, with a head. A withheld rest has a line without a number. */
function csv({ period, as_of, total, fields, betas }: Edition): string {
  const lines = Object.entries({ ...fields, ...betas?.fields }).flatMap(([name, field]) =>
    cells(field).map(([value, installs]) => [name, value, installs]),
  );
  return [
    ["period", "as_of", "field", "value", "installs"],
    ...[["total", "", total], ...lines].map((line) => [period, as_of, ...line]),
  ]
    .map((line) => `${line.map(cell).join(",")}\r\n`)
    .join("");
}

const cells = ({ cells, withheld }: Field): [Value, number | null][] => [
  ...cells.map(({ value, installs }): [Value, number] => [value ?? UNKNOWN, installs]),
  ...(withheld ? [[OTHER, null] as [Value, null]] : []),
];

/**
 * No sheet takes what it begins with for a formula; nor what comes after a sign that some
 * sheets part cells at, whatever quotes are around it. Wide signs count as narrow ones.
 */
function cell(value: Value): string {
  const text = String(value ?? "").replace(/(?<=^|[,;\t\r\n"])(?=[\s=+\-@|%＝＋－＠])/g, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Renders a badge: one number, in the JSON that shields.io reads. */

import type { ReportKind } from "../src/kinds/kind.ts";
import type { PublishedField } from "../src/kinds/published-fields.ts";
import type { Edition } from "../src/statistics/edition.ts";
import { formatNumber, formatValue } from "./labels.ts";

/** The cell that a badge shows; null for the total. */
export type BadgeCell = {
  readonly field: PublishedField;
  readonly value: string | number | boolean;
} | null;

export type BadgeQuery =
  | { readonly ok: true; readonly cell: BadgeCell }
  | { readonly ok: false; readonly problem: string };

/** Find the cell that a query such as `?channel=beta` selects. */
export function parseBadgeQuery(kind: ReportKind, query: URLSearchParams): BadgeQuery {
  const [first, ...more] = query;
  if (first === undefined) {
    return { ok: true, cell: null };
  }
  const [name, text] = first;
  const fields = kind.published.filter(({ condition }) => condition === null);
  const field = fields.find((published) => published.name === name);
  if (field === undefined || more.length > 0) {
    const names = fields.map((published) => published.name).join(", ");
    return { ok: false, problem: `Use at most one of these fields: ${names}.` };
  }
  const value = readValues(text).find((it) => kind.contract.fits(name, it));
  return value === undefined
    ? { ok: false, problem: `${name} is not valid.` }
    : { ok: true, cell: { field, value } };
}

/** List what *text* may mean: the contract decides. */
function readValues(text: string): readonly (string | number | boolean)[] {
  const boolean = BOOLEANS.get(text);
  return [
    text,
    ...(boolean === undefined ? [] : [boolean]),
    ...(INTEGER.test(text) ? [Number(text)] : []),
  ];
}

/** Render a number that is published; for anything else, the badge repeats nothing of the query. */
export function renderBadge({ total, fields }: Edition, cell: BadgeCell): string {
  const installs =
    cell === null
      ? total
      : (fields[cell.field.name]?.cells.find(({ value }) => value === cell.value)?.installs ??
        null);
  return JSON.stringify({
    schemaVersion: 1,
    label: cell === null || installs === null ? "installs" : `installs (${describeCell(cell)})`,
    message: installs === null ? "withheld" : formatNumber(installs),
    color: installs === null ? "lightgrey" : "blue",
  });
}

const BOOLEANS = new Map([
  ["true", true],
  ["false", false],
]);

const INTEGER = /^-?[0-9]+$/;

const describeCell = ({ field, value }: NonNullable<BadgeCell>): string =>
  field.boolean ? `${field.title.toLowerCase()}: ${formatValue(value)}` : formatValue(value);

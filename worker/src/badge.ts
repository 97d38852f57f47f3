/** `GET /badge`: one number, as shields.io reads it. */

import * as answers from "./answers";
import { edition } from "./edition";
import { orUnavailable } from "./faults";
import { USAGE } from "./kinds";
import { label, number } from "./labels";
import { USUAL } from "./periods";
import type { Published } from "./published";

const FIELDS = USAGE.published.filter(({ within }) => within === null);

/** What is asked for: null is all installations. */
interface Cell {
  readonly field: Published;
  readonly value: string | boolean;
}

export async function badge(request: Request, db: D1Database): Promise<Response> {
  const cell = asked(new URL(request.url).searchParams);
  if (typeof cell === "string") {
    return answers.noSuchBadge(cell);
  }
  return orUnavailable("statistics", async () => {
    const { total = null, fields = {} } = (await edition(db, USUAL)) ?? {};
    const installs =
      cell === null
        ? total
        : (fields[cell.field.name]?.cells.find(({ value }) => value === cell.value)?.installs ??
          null);
    const shown = {
      schemaVersion: 1,
      label: cell === null ? "installs" : `installs (${named(cell)})`,
      message: installs === null ? "withheld" : number(installs),
      color: installs === null ? "lightgrey" : "blue",
    };
    return answers.openIfNew(request, JSON.stringify(shown), "application/json");
  });
}

/** The cell that *query* asks for, or what is wrong with it, a sentence. */
function asked(query: URLSearchParams): Cell | null | string {
  const [first, ...more] = query;
  if (first === undefined) {
    return null;
  }
  const [name, text] = first;
  const field = FIELDS.find((one) => one.name === name);
  if (field === undefined || more.length > 0) {
    return `A badge shows one value of one of ${FIELDS.map((one) => one.name).join(", ")}.`;
  }
  const value = field.boolean ? BOOLEANS.get(text) : text;
  return value !== undefined && USAGE.contract.fits(field.name, value)
    ? { field, value }
    : `${field.name} is not valid.`;
}

const BOOLEANS = new Map([
  ["true", true],
  ["false", false],
]);

const named = ({ field, value }: Cell): string =>
  field.boolean ? `${field.title.toLowerCase()}: ${label(value)}` : label(value);

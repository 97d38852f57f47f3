/**
 * A report's schema, interpreted property by property: a required field that does
 * not fit refuses the report, an optional one is dropped, an unknown one ignored.
 */

import { Validator, type Schema } from "@cfworker/json-schema";

/** What a column holds; null stands for an absent field. */
export type Column = string | number | null;

export type Verdict =
  | { readonly ok: true; readonly row: ReadonlyMap<string, Column> }
  | { readonly ok: false; readonly problem: string };

export interface Contract {
  /** The field names, in the schema's order. */
  readonly fields: readonly string[];
  /** The field that tells one installation from another. */
  readonly key: string;
  readonly check: (report: object) => Verdict;
}

interface ReportSchema {
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
}

export function contract(schema: ReportSchema, key: string): Contract {
  const required = new Set(schema.required);
  const validators = new Map(
    Object.entries(schema.properties).map(([name, property]) => [
      name,
      new Validator(property as Schema, "2020-12"),
    ]),
  );

  const check = (report: object): Verdict => {
    const row = new Map<string, Column>();
    const problems: string[] = [];
    for (const [name, validator] of validators) {
      // Own properties only: a report may well be named `constructor`.
      const given: unknown = Object.hasOwn(report, name)
        ? (report as Record<string, unknown>)[name]
        : undefined;
      const value = name === key && typeof given === "string" ? given.toLowerCase() : given;
      const fits = value !== undefined && validator.validate(value).valid;
      row.set(name, fits ? column(value) : null);
      if (!fits && required.has(name)) {
        problems.push(`${name} ${value === undefined ? "is missing" : "is not valid"}`);
      }
    }
    return problems.length > 0
      ? { ok: false, problem: `${problems.join("; ")}.` }
      : { ok: true, row };
  };

  return { fields: [...validators.keys()], key, check };
}

function column(value: unknown): Column {
  return typeof value === "boolean" ? Number(value) : (value as string | number);
}

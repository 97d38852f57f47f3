/** Takes the values that the operator withholds out of a summary. */

import type { PublishedField } from "../kinds/published-fields.ts";
import type { Summary } from "./summary.ts";

/** A value as text: `true` for a boolean. */
export interface WithheldValue {
  readonly field: string;
  readonly value: string;
}

/** Remove the cells of *withheld* values, and the betas' fields if their own cell is among them. */
export function removeValues<S extends Summary>(
  summary: S,
  published: readonly PublishedField[],
  withheld: readonly WithheldValue[],
): S {
  const isWithheld = (name: string, value: unknown): boolean =>
    withheld.some((cell) => cell.field === name && cell.value === String(value));
  const remove = (fields: Summary["fields"]): Summary["fields"] =>
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [
        name,
        { ...field, cells: field.cells.filter(({ value }) => !isWithheld(name, value)) },
      ]),
    );
  const conditions = published.flatMap(({ condition }) => condition ?? []);
  const { betas } = summary;
  return {
    ...summary,
    fields: remove(summary.fields),
    betas:
      betas === null || conditions.some(({ field, value }) => isWithheld(field, value))
        ? null
        : { ...betas, fields: remove(betas.fields) },
  };
}

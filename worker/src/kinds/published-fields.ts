/** Reads from a schema the fields that may be published, and the values that it lists for them. */

import type { Leaf } from "./contract.ts";
import { readType, type Schema } from "./keywords.ts";

/** The value that another field must have for an installation to count in a field. */
export interface Condition {
  readonly field: string;
  readonly value: string;
}

export interface PublishedField {
  /** Its dotted name, which is also the name of its column. */
  readonly name: string;
  /** The name that people read. */
  readonly title: string;
  /** Whether an installation counts once for each element of a list, which is stored as JSON. */
  readonly array: boolean;
  /** Whether its values are booleans, which the database stores as 0 and 1. */
  readonly boolean: boolean;
  /** Null if every installation counts. */
  readonly condition: Condition | null;
  /** Whether reports can have values that the schema does not list, so that there may be many. */
  readonly openEnded: boolean;
  /** The values that the schema lists, as `enum` or `x-known`; null if it lists none. */
  readonly listed: readonly string[] | null;
}

/**
 * List the fields that have `x-published`, in the schema's order.
 *
 * @throws Error - if a condition names a field that is not a published text, or two differ
 */
export function readPublishedFields(leaves: readonly Leaf[]): readonly PublishedField[] {
  const fields = readFields(leaves);
  // The statistics have one group of installations besides all of them.
  const conditions = fields.flatMap(({ condition }) => condition ?? []);
  if (new Set(conditions.map((it) => JSON.stringify(it))).size > 1) {
    throw new Error("Every condition in x-published must name the same field and value.");
  }
  return fields;
}

const readFields = (leaves: readonly Leaf[]): readonly PublishedField[] =>
  leaves.flatMap(({ name, title, type, schema }) => {
    const rule = schema["x-published"];
    if (rule === undefined) {
      return [];
    }
    const [pair] = rule === true ? [] : Object.entries(rule);
    const condition = pair === undefined ? null : { field: pair[0], value: pair[1] };
    if (
      condition &&
      !leaves.some(
        (it) =>
          it.name === condition.field && it.type === "string" && it.schema["x-published"] === true,
      )
    ) {
      throw new Error(`${name}: the field in x-published is not a text that is published.`);
    }
    const values = schema.items ?? schema;
    const boolean = readType(values) === "boolean";
    const lists = listEnums(values);
    const listed = schema["x-known"] ?? (boolean || lists.length === 0 ? null : lists);
    const openEnded = !boolean && lists.length === 0;
    return [{ name, title, boolean, array: type === "array", openEnded, condition, listed }];
  });

/** List the values that the schema of a field names, as `x-known` or as an enum. */
export const listValues = (schema: Schema): readonly string[] =>
  schema["x-known"] ?? listEnums(schema.items ?? schema);

const listEnums = (values: Schema): readonly string[] =>
  [values, ...(values.anyOf ?? [])].flatMap((it) => it.enum ?? []).map(String);

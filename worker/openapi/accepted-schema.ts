/** Derives from a contract the schema of every report that is accepted, and an example. */

import { readType, type Schema } from "../src/kinds/keywords.ts";

/**
 * Reduce *schema* to what decides whether a report is accepted. Anything else is dropped.
 *
 * @param strict - whether an optional property that does not fit refuses the report
 */
export function reduceToAccepted(
  schema: Schema,
  strict = schema["x-refuse-invalid"] ?? false,
): object {
  const { type, required = [], items, maxItems } = schema;
  if (schema["x-drop-invalid"]) {
    return { type };
  }
  if (type.includes("array")) {
    return { type, maxItems, ...(schema["x-whole-list"] ? { items } : {}) };
  }
  const properties = listProperties(schema);
  if (properties === null) {
    return schema;
  }
  const parts = properties.flatMap(([name, property]) => {
    const reduced = reduceToAccepted({ ...property, type: readType(property) }, strict);
    if (required.includes(name)) {
      return [[name, reduced]];
    }
    // Null counts as absent.
    const isNullable = property.type.includes("null");
    return strict ? [[name, isNullable ? { anyOf: [reduced, { type: "null" }] } : reduced]] : [];
  });
  return { type, properties: Object.fromEntries(parts), required };
}

/** Build a report from the first example of each field. */
export function buildExample(schema: Schema & { readonly examples?: readonly unknown[] }): unknown {
  const properties = listProperties(schema);
  return properties === null
    ? schema.examples?.[0]
    : Object.fromEntries(
        properties
          .filter(([, property]) => !property["x-set-by-receiver"])
          .map(([name, property]) => [name, buildExample(property)]),
      );
}

/** List the properties of an object, or of a map with closed keys; null for anything else. */
function listProperties(schema: Schema): readonly [string, Schema][] | null {
  const { properties, propertyNames, additionalProperties } = schema;
  return propertyNames !== undefined && additionalProperties
    ? propertyNames.enum.map((name) => [name, additionalProperties])
    : properties === undefined
      ? null
      : Object.entries(properties);
}

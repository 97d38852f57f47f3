/** Reads from a schema the fields that may be published. */

/** The value that another field must have for an installation to count in a field. */
export interface Condition {
  readonly field: string;
  readonly value: string;
}

export interface PublishedField {
  readonly name: string;
  /** The name that people read. */
  readonly title: string;
  /** Whether its values are booleans, which the database stores as 0 and 1. */
  readonly boolean: boolean;
  /** Whether the schema does not list its values, so that there may be many. */
  readonly openEnded: boolean;
  /** Null if every installation counts. */
  readonly condition: Condition | null;
}

interface Property {
  readonly title: string;
  readonly type: string;
  readonly pattern?: string;
  readonly "x-published"?: true | Readonly<Record<string, string>>;
}

/** List the fields that have `x-published`, in the schema's order. */
export function readPublishedFields(schema: {
  readonly properties: Readonly<Record<string, object>>;
}): readonly PublishedField[] {
  return Object.entries(schema.properties).flatMap(([name, property]) => {
    const { title, type, pattern, "x-published": rule } = property as Property;
    if (rule === undefined) {
      return [];
    }
    const [pair] = rule === true ? [] : Object.entries(rule);
    const condition = pair === undefined ? null : { field: pair[0], value: pair[1] };
    const openEnded = pattern !== undefined;
    return [{ name, title, boolean: type === "boolean", openEnded, condition }];
  });
}

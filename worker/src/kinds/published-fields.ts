/** Reads from a schema the fields that may be published, and the values that it lists for them. */

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
  /** Null if every installation counts. */
  readonly condition: Condition | null;
  /** Whether reports can have values that the schema does not list, so that there may be many. */
  readonly openEnded: boolean;
  /** The values that the schema lists, as `enum` or `x-known`; null if it lists none. */
  readonly listed: readonly string[] | null;
}

interface Property {
  readonly title: string;
  readonly type: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Pick<Property, "enum">[];
  readonly "x-published"?: true | Readonly<Record<string, string>>;
  readonly "x-known"?: readonly string[];
}

/** List the fields that have `x-published`, in the schema's order. */
export function readPublishedFields(schema: {
  readonly properties: Readonly<Record<string, object>>;
}): readonly PublishedField[] {
  return Object.entries(schema.properties).flatMap(([name, declared]) => {
    const property = declared as Property;
    const { title, type, "x-published": rule, "x-known": known } = property;
    if (rule === undefined) {
      return [];
    }
    const [pair] = rule === true ? [] : Object.entries(rule);
    const condition = pair === undefined ? null : { field: pair[0], value: pair[1] };
    const boolean = type === "boolean";
    const lists = [property, ...(property.anyOf ?? [])].flatMap((it) => it.enum ?? []);
    const listed = known ?? (lists.length > 0 ? lists : null);
    const openEnded = !boolean && lists.length === 0;
    return [{ name, title, boolean, openEnded, condition, listed }];
  });
}

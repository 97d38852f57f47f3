/** Which fields may be published: the contract says so, field by field. */

/** A value that an installation must have to be counted at all. */
export interface Within {
  readonly field: string;
  readonly value: string;
}

export interface Published {
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Stored as 0 and 1. */
  readonly boolean: boolean;
  /** Whether the contract leaves its values open: there may be many. */
  readonly open: boolean;
  /** Null where all installations count. */
  readonly within: Within | null;
}

interface Property {
  readonly title: string;
  readonly type: string;
  readonly pattern?: string;
  readonly "x-published"?: true | Readonly<Record<string, string>>;
}

/** The fields of *schema* that it lets be published, in its order. */
export function published(schema: {
  readonly properties: Readonly<Record<string, object>>;
}): readonly Published[] {
  return Object.entries(schema.properties).flatMap(([name, property]) => {
    const { title, type, pattern, "x-published": rule } = property as Property;
    if (rule === undefined) {
      return [];
    }
    const [condition] = rule === true ? [] : Object.entries(rule);
    const within = condition === undefined ? null : { field: condition[0], value: condition[1] };
    return [{ name, title, boolean: type === "boolean", open: pattern !== undefined, within }];
  });
}

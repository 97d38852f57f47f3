/** Checks a value against the keywords of its schema. */

export type Type = "string" | "boolean" | "integer" | "array" | "object";
export type Scalar = string | boolean | number;

/** A schema whose words are all supported. */
export interface Schema {
  readonly type: Type | readonly (Type | "null")[];
  readonly title?: string;
  readonly enum?: readonly Scalar[];
  readonly anyOf?: readonly Pick<Schema, "enum">[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: { readonly enum: readonly string[] };
  readonly additionalProperties?: false | Schema;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly "x-published"?: true | Readonly<Record<string, string>>;
  readonly "x-known"?: readonly string[];
  readonly "x-drop-invalid"?: boolean;
  readonly "x-refuse-invalid"?: boolean;
  /** One element of a list that does not fit makes the whole list not fit. */
  readonly "x-whole-list"?: boolean;
  /** The receiver adds the field; no client collects or sends it. */
  readonly "x-set-by-receiver"?: boolean;
  readonly "x-installation-id"?: string;
}

export const TYPES: Readonly<Record<Type, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  integer: Number.isInteger,
  array: Array.isArray,
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Whether a value of the right type meets a keyword. */
type Test = (value: Scalar) => boolean;

const countCharacters = (text: Scalar): number => [...(text as string)].length;

/** How to compile each keyword of a scalar: a length is checked before a pattern is matched. */
const TESTS: Readonly<Record<string, (argument: never) => Test>> = {
  enum: (values: readonly Scalar[]) => (value) => values.includes(value),
  minLength: (least: number) => (value) => countCharacters(value) >= least,
  // A string has at least as many UTF-16 units as characters.
  maxLength: (most: number) => (value) =>
    (value as string).length <= most || countCharacters(value) <= most,
  // All of the text, as Python's `re.fullmatch` does: `^a|b$` alone would match `ax`.
  pattern: (source: string) => {
    const pattern = new RegExp(`^(?:${source.slice(1, -1)})$`, "u");
    // Half of a character would be stored as U+FFFD.
    return (value) => (value as string).isWellFormed() && pattern.test(value as string);
  },
  minimum: (least: number) => (value) => (value as number) >= least,
  maximum: (most: number) => (value) => (value as number) <= most,
  anyOf: (schemas: readonly object[]) => {
    const branches = schemas.map((schema) => compileTests(schema).map(({ test }) => test));
    return (value) => branches.some((tests) => tests.every((test) => test(value)));
  },
};

export interface KeywordTest {
  readonly keyword: string;
  readonly expected: unknown;
  readonly test: Test;
}

export const compileTests = (schema: object): readonly KeywordTest[] =>
  Object.entries(TESTS).flatMap(([keyword, compile]) => {
    const expected = (schema as Readonly<Record<string, unknown>>)[keyword];
    return expected === undefined ? [] : [{ keyword, expected, test: compile(expected as never) }];
  });

/** The type without `null`, which makes a value count as absent. */
export const readType = ({ type }: Pick<Schema, "type">): Type =>
  (Array.isArray(type) ? type.find((name) => name !== "null") : type) as Type;

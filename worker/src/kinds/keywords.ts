/** Lists the words of JSON Schema that a contract may use, and finds those that it may not. */

export type Type = "string" | "boolean" | "integer" | "array" | "object";
export type Scalar = string | boolean | number;

/** A schema that `findFaults` has found nothing wrong with. */
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
  readonly "x-installation-id"?: string;
}

/** A word of a schema that cannot be enforced, and why. */
export interface Fault {
  /** A JSON Pointer (RFC 6901). */
  readonly pointer: string;
  readonly reason: string;
}

export const TYPES: Readonly<Record<Type, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  integer: Number.isSafeInteger,
  array: Array.isArray,
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Whether a value of the right type meets a keyword. */
export type Test = (value: Scalar) => boolean;

const countCharacters = (text: Scalar): number => [...(text as string)].length;

/** How to compile each keyword of a scalar. A Map, since a keyword may be called `constructor`. */
export const TESTS: ReadonlyMap<string, (argument: never) => Test> = new Map<
  string,
  (argument: never) => Test
>([
  ["enum", (values: readonly Scalar[]) => (value) => values.includes(value)],
  ["pattern", compilePattern],
  ["minLength", (least: number) => (value) => countCharacters(value) >= least],
  [
    "maxLength",
    // A string has at least as many UTF-16 units as characters.
    (most: number) => (value) => (value as string).length <= most || countCharacters(value) <= most,
  ],
  ["minimum", (least: number) => (value) => (value as number) >= least],
  ["maximum", (most: number) => (value) => (value as number) <= most],
  [
    "anyOf",
    (schemas: readonly object[]) => {
      const branches = schemas.map((schema) => compileTests(schema).map(({ test }) => test));
      return (value) => branches.some((tests) => tests.every((test) => test(value)));
    },
  ],
]);

export interface KeywordTest {
  readonly keyword: string;
  readonly expected: unknown;
  readonly test: Test;
}

/** Compile the keywords of a scalar's schema, in their order. */
export const compileTests = (schema: object): readonly KeywordTest[] =>
  Object.entries(schema).flatMap(([keyword, expected]) => {
    const compile = TESTS.get(keyword);
    return compile === undefined ? [] : [{ keyword, expected, test: compile(expected as never) }];
  });

/** Match all of a text, as Python's `re.fullmatch` does: `^a|b$` alone would match `ax`. */
function compilePattern(source: string): Test {
  const pattern = new RegExp(`^(?:${source.slice(1, -1)})$`, "u");
  return (value) => pattern.test(value as string);
}

/** The type without `null`, which makes a value count as absent. */
export const readType = ({ type }: Pick<Schema, "type">): Type =>
  (Array.isArray(type) ? type.find((name) => name !== "null") : type) as Type;

type Words = Readonly<Record<string, unknown>>;
type Place = "root" | "property" | "items" | "branch";

const SCALARS: readonly Type[] = ["string", "boolean", "integer"];
const TYPES_AT: Readonly<Record<Place, readonly Type[]>> = {
  root: ["object"],
  property: [...SCALARS, "array", "object"],
  items: SCALARS,
  branch: SCALARS,
};
const KEYWORDS: Readonly<Record<Type, readonly string[]>> = {
  string: ["enum", "pattern", "minLength", "maxLength", "anyOf"],
  boolean: ["enum"],
  integer: ["enum", "minimum", "maximum", "anyOf"],
  array: ["items", "maxItems"],
  object: ["properties", "required", "propertyNames", "additionalProperties"],
};
const NOTES = ["title", "description", "examples", "$comment"];
const NOTES_AT: Readonly<Record<Place, readonly string[]>> = {
  root: [...NOTES, "$schema", "$id", "x-installation-id", "x-once-in-days", "x-refuse-invalid"],
  property: [...NOTES, "x-drop-invalid"],
  items: NOTES,
  branch: NOTES,
};
const LEAF_NOTES = ["x-published", "x-known"];

/**
 * Find every word of *schema* that the receiver or the reporter would not enforce.
 *
 * People rely on the rules that they read in a schema, so one that is not enforced must not pass.
 * The reporter finds the same in Python: tests/contract_cases.json holds for both.
 */
export const findFaults = (schema: unknown): readonly Fault[] => [...check(schema, "", "root")];

function* check(schema: unknown, pointer: string, place: Place, outer?: Type): Generator<Fault> {
  if (!isObject(schema)) {
    yield { pointer, reason: "must be an object" };
    return;
  }
  const type = place === "branch" ? outer : parseType(schema["type"], place);
  if (type === undefined && place !== "branch") {
    yield { pointer: `${pointer}/type`, reason: `must be one of ${TYPES_AT[place].join(", ")}` };
  }
  const words = [
    ...(place === "branch" ? [] : ["type"]),
    ...(type === undefined ? Object.values(KEYWORDS).flat() : KEYWORDS[type]),
    ...NOTES_AT[place],
    ...(place === "property" && type !== "object" ? LEAF_NOTES : []),
  ].filter((word) => word !== "anyOf" || place !== "branch");
  for (const [word, argument] of Object.entries(schema)) {
    const here = `${pointer}/${escape(word)}`;
    if (words.includes(word)) {
      yield* checkArgument(word, argument, here, schema, type);
    } else {
      yield { pointer: here, reason: "is not supported here" };
    }
  }
  if (type === "array" || type === "object") {
    const needed =
      type === "array"
        ? ["items", "maxItems"]
        : ["propertyNames" in schema ? "additionalProperties" : "properties"];
    for (const word of needed.filter((it) => !(it in schema))) {
      yield { pointer: `${pointer}/${word}`, reason: "is missing" };
    }
  } else if (type !== undefined && place !== "branch" && !isClosed(schema, type)) {
    const bounds = BOUNDS[type]?.join(" and ") ?? "";
    yield { pointer, reason: `is not bounded: add enum, or ${bounds}` };
  }
}

function* checkArgument(
  word: string,
  argument: unknown,
  pointer: string,
  schema: Words,
  type: Type | undefined,
): Generator<Fault> {
  if (word === "items") {
    yield* check(argument, pointer, "items");
  } else if (word === "additionalProperties" && "propertyNames" in schema) {
    yield* check(argument, pointer, "property");
  } else if (word === "properties" && isObject(argument)) {
    for (const [name, property] of Object.entries(argument)) {
      const here = `${pointer}/${escape(name)}`;
      if (!NAME.test(name)) {
        yield { pointer: here, reason: "is not a name of letters, digits, _ and -" };
      }
      yield* check(property, here, "property");
    }
  } else if (word === "anyOf" && isList(argument)) {
    for (const [index, branch] of argument.entries()) {
      yield* check(branch, `${pointer}/${index}`, "branch", type);
    }
  } else {
    const [isValid, expected] = ARGUMENTS.get(word) ?? [];
    if (isValid?.(argument, schema, type) === false) {
      yield { pointer, reason: `must be ${expected}` };
    }
  }
}

/** A name becomes a column and part of a dotted name. */
const NAME = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_-]*$/;

/**
 * The patterns that mean the same in Python and in JavaScript: about those that JSON Schema
 * recommends (section 6.4 of its core), without `.` and classes such as `\d`.
 */
const PORTABLE =
  /^\^(?:(?:[^\\^$.*+?()[\]{}|]|\\[\\^$.*+?()[\]{}|/]|\[\^?(?:[^\\[\]]|\\[\\[\]^-])+\]|\))(?:(?:[*+?]|\{[0-9]{1,4}(?:,[0-9]{0,4})?\})\??)?|\((?:\?:)?|\|)*\$$/u;

function isPattern(source: unknown): boolean {
  if (typeof source !== "string" || !PORTABLE.test(source)) {
    return false;
  }
  try {
    return new RegExp(source, "u").unicode;
  } catch {
    return false;
  }
}

const isObject = (value: unknown): value is Words => TYPES.object(value);
const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length > 0;
const isListOf = (value: unknown, isValid: (element: unknown) => boolean): boolean =>
  isList(value) && value.every(isValid);
const isCount = (value: unknown): boolean => TYPES.integer(value) && (value as number) >= 0;
const isName = (value: unknown): boolean => typeof value === "string" && NAME.test(value);

type IsValid = (argument: unknown, schema: Words, type: Type | undefined) => boolean;

/** What each word's argument must be; other words are annotations for readers. */
const ARGUMENTS: ReadonlyMap<string, readonly [IsValid, string]> = new Map<
  string,
  readonly [IsValid, string]
>([
  [
    "enum",
    [
      (values, _, type) => isListOf(values, (it) => type === undefined || TYPES[type](it)),
      "a list of values of the type",
    ],
  ],
  ["pattern", [isPattern, "an anchored pattern that means the same in Python and JavaScript"]],
  ["minLength", [isCount, "a whole number"]],
  ["maxLength", [isCount, "a whole number"]],
  ["maxItems", [isCount, "a whole number"]],
  ["minimum", [TYPES.integer, "an integer"]],
  ["maximum", [TYPES.integer, "an integer"]],
  ["anyOf", [() => false, "a list of schemas"]],
  ["properties", [() => false, "an object"]],
  [
    "required",
    [
      (names, { properties }) =>
        Array.isArray(names) &&
        names.every((it) => isObject(properties) && Object.hasOwn(properties, it as string)),
      "a list of the properties' names",
    ],
  ],
  [
    "propertyNames",
    [
      (names, schema) =>
        isObject(names) &&
        Object.keys(names).join() === "enum" &&
        isListOf(names["enum"], isName) &&
        !("properties" in schema),
      "an enum of names, without properties beside it",
    ],
  ],
  ["additionalProperties", [(it) => it === false, "false, or a schema beside propertyNames"]],
  ["x-published", [(it) => it === true || isObject(it), "true, or the value of another field"]],
  ["x-known", [(it) => isListOf(it, TYPES.string), "a list of texts"]],
  ["x-drop-invalid", [TYPES.boolean, "true or false"]],
  ["x-refuse-invalid", [TYPES.boolean, "true or false"]],
  ["x-once-in-days", [isCount, "a whole number"]],
  ["x-installation-id", [TYPES.string, "the name of a field"]],
]);

const BOUNDS: Readonly<Partial<Record<Type, readonly string[]>>> = {
  string: ["pattern", "maxLength"],
  integer: ["minimum", "maximum"],
};

/** Whether the values are listed, or have a length and characters, or a least and a most. */
function isClosed(schema: unknown, type: Type): boolean {
  if (type === "boolean" || !isObject(schema)) {
    return true;
  }
  const { anyOf } = schema;
  return (
    "enum" in schema ||
    BOUNDS[type]!.every((word) => word in schema) ||
    (isList(anyOf) && anyOf.every((branch) => isClosed(branch, type)))
  );
}

function parseType(type: unknown, place: Place): Type | undefined {
  const names: readonly unknown[] =
    place === "property" && Array.isArray(type) && type.length === 2 && type.includes("null")
      ? type.filter((name) => name !== "null")
      : [type];
  return names.length === 1 ? TYPES_AT[place].find((name) => name === names[0]) : undefined;
}

const escape = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** Finds the words of JSON Schema in a contract that one side would not enforce. */

import { TYPES, type Schema, type Type } from "./keywords.ts";
import { isSupported } from "./patterns.ts";

/** A word of a schema that cannot be enforced, and why. */
export interface Fault {
  /** A JSON Pointer (RFC 6901). */
  readonly pointer: string;
  readonly reason: string;
}

type Words = Readonly<Record<string, unknown>>;
type Place = "root" | "property" | "items" | "branch";

const SCALARS: readonly Type[] = ["string", "boolean", "integer"];
const TYPES_AT: Readonly<Record<Place, readonly Type[]>> = {
  root: ["object"],
  property: [...SCALARS, "array", "object"],
  items: SCALARS,
  branch: [],
};
const KEYWORDS: Readonly<Record<Type, readonly string[]>> = {
  string: ["enum", "pattern", "minLength", "maxLength", "anyOf"],
  boolean: ["enum"],
  integer: ["enum", "minimum", "maximum", "anyOf"],
  array: ["items", "maxItems"],
  object: ["properties", "required", "propertyNames", "additionalProperties"],
};
const NOTES = ["title", "description", "examples", "$comment"];
const ROOT_NOTES = ["$schema", "$id", "x-installation-id", "x-once-in-days", "x-refuse-invalid"];
/** A string or an integer without a list of values needs these. */
const BOUNDS: Readonly<Partial<Record<Type, readonly string[]>>> = {
  string: ["pattern", "maxLength"],
  integer: ["minimum", "maximum"],
};

/** A name becomes a column and part of a dotted name. */
const NAME = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_-]*$/;

/**
 * List every word of *schema* that would not be enforced.
 *
 * People rely on the rules that they read in a schema, so one that is not enforced must not pass.
 * The reporter finds the same in Python: one table of cases holds for both
 * (tests/contract_cases.json).
 */
export function findFaults(schema: unknown): readonly Fault[] {
  const faults = findSchemaFaults(schema);
  return faults.length > 0 || hasKey(schema as Schema)
    ? faults
    : [{ pointer: "/x-installation-id", reason: "must name an unpublished text of every report" }];
}

/** Like `findFaults`, for a schema without an ID. */
export const findSchemaFaults = (schema: unknown): readonly Fault[] => [
  ...check(schema, "", "root"),
];

function hasKey(schema: Schema): boolean {
  let part: Schema | undefined = schema;
  for (const name of (schema["x-installation-id"] ?? "").split(".")) {
    part = part.required?.includes(name) ? part.properties?.[name] : undefined;
    if (part === undefined || part["x-drop-invalid"] || part["x-published"]) {
      return false;
    }
  }
  return part.type === "string";
}

function* check(schema: unknown, pointer: string, place: Place, outer?: Type): Generator<Fault> {
  if (!isObject(schema)) {
    yield { pointer, reason: "must be an object" };
    return;
  }
  const type = place === "branch" ? outer : parseType(schema["type"], place);
  const words = listWords(place, type);
  for (const [word, argument] of Object.entries(schema)) {
    const here = `${pointer}/${escape(word)}`;
    if (words.includes(word)) {
      yield* checkArgument(word, argument, here, schema, type);
    } else {
      yield { pointer: here, reason: "is not supported here" };
    }
  }
  for (const word of place === "branch" ? [] : ["type", ...listNeeded(schema, type)]) {
    if (!(word in schema)) {
      yield { pointer: `${pointer}/${word}`, reason: "is missing" };
    }
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
        yield { pointer: here, reason: "must consist of letters, digits, _ and -" };
      }
      yield* check(property, here, "property");
    }
  } else if (word === "anyOf" && isList(argument)) {
    for (const [index, branch] of argument.entries()) {
      yield* check(branch, `${pointer}/${index}`, "branch", type);
    }
  } else {
    const [expected, isValid] = ARGUMENTS.get(word) ?? [];
    if (isValid?.(argument, schema, type) === false) {
      yield { pointer, reason: `must be ${expected}` };
    }
  }
}

/** List the words that a schema may have; with an unknown type, those of every type. */
function listWords(place: Place, type: Type | undefined): readonly string[] {
  const words = [...NOTES, ...(type ? KEYWORDS[type] : Object.values(KEYWORDS).flat())];
  switch (place) {
    case "branch":
      return words.filter((word) => word !== "anyOf");
    case "items":
      return [...words, "type"];
    case "root":
      return [...words, "type", ...ROOT_NOTES];
    case "property":
      return [
        ...words,
        ...["type", "x-drop-invalid"],
        ...(type === "object" ? [] : ["x-published", "x-known", "x-set-by-receiver"]),
        ...(type === "array" ? ["x-whole-list"] : []),
      ];
  }
}

function listNeeded(schema: Words, type: Type | undefined): readonly string[] {
  if (type === "object") {
    return ["propertyNames" in schema ? "additionalProperties" : "properties"];
  }
  return type === "array" ? KEYWORDS.array : isClosed(schema, type) ? [] : listBounds(type);
}

/** Whether values are listed or bounded, in the schema itself or in every branch. */
function isClosed(schema: unknown, type: Type | undefined): boolean {
  if (!isObject(schema) || "enum" in schema) {
    return true;
  }
  const { anyOf } = schema;
  return (
    listBounds(type).every((word) => word in schema) ||
    (isList(anyOf) && anyOf.every((branch) => isClosed(branch, type)))
  );
}

const listBounds = (type: Type | undefined): readonly string[] => (type && BOUNDS[type]) ?? [];

function parseType(type: unknown, place: Place): Type | undefined {
  const isNullable =
    place === "property" && Array.isArray(type) && type.length === 2 && type.includes("null");
  const name: unknown = isNullable ? type.find((it) => it !== "null") : type;
  return TYPES_AT[place].find((it) => it === name);
}

const escape = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

const isObject = (value: unknown): value is Words => TYPES.object(value);

const isList = (values: unknown, type?: Type): values is readonly unknown[] =>
  Array.isArray(values) &&
  values.length > 0 &&
  (type === undefined || values.every((it) => TYPES[type](it)));

const isOneText = (values: readonly unknown[]): boolean =>
  values.length === 1 && TYPES.string(values[0]);

function isSent(properties: Words, name: unknown): boolean {
  const isName = typeof name === "string" && Object.hasOwn(properties, name);
  const property = isName ? properties[name] : undefined;
  return property !== undefined && !(isObject(property) && property["x-set-by-receiver"] === true);
}

type IsValid = (argument: unknown, schema: Words, type: Type | undefined) => boolean;
type Argument = readonly [string, IsValid];

const COUNT: Argument = ["a whole number", (it) => TYPES.integer(it) && (it as number) >= 0];
const INTEGER: Argument = [
  `an integer of at most ${Number.MAX_SAFE_INTEGER}`,
  Number.isSafeInteger,
];
const TEXT: Argument = ["a text", TYPES.string];
const FLAG: Argument = ["true or false", TYPES.boolean];

/** What the argument of a word must be; other words are notes for readers. */
const ARGUMENTS: ReadonlyMap<string, Argument> = new Map<string, Argument>([
  ["type", ["a type that is supported here", (_type, _schema, type) => type !== undefined]],
  [
    "enum",
    [
      `a list of values of the type, with integers of at most ${Number.MAX_SAFE_INTEGER}`,
      (values, _, type) =>
        isList(values, type) && (type !== "integer" || values.every(Number.isSafeInteger)),
    ],
  ],
  [
    "pattern",
    [
      "an anchored pattern that means the same in Python and JavaScript," +
        " without a repetition such as (a+)+",
      isSupported,
    ],
  ],
  ["minLength", COUNT],
  ["maxLength", COUNT],
  ["maxItems", COUNT],
  ["x-once-in-days", COUNT],
  ["minimum", INTEGER],
  ["maximum", INTEGER],
  ["x-drop-invalid", FLAG],
  ["x-refuse-invalid", FLAG],
  ["x-whole-list", FLAG],
  ["x-set-by-receiver", FLAG],
  ["anyOf", ["a list of schemas", () => false]],
  ["properties", ["an object", () => false]],
  ["title", TEXT],
  ["description", TEXT],
  [
    "required",
    [
      "a list of the names of properties that installations send",
      (names, { properties }) =>
        Array.isArray(names) &&
        names.every((name) => isObject(properties) && isSent(properties, name)),
    ],
  ],
  [
    "propertyNames",
    [
      "an enum of different names, without properties beside it",
      (names, schema) =>
        isObject(names) &&
        Object.keys(names).join() === "enum" &&
        isList(names["enum"], "string") &&
        names["enum"].every((name) => NAME.test(name as string)) &&
        new Set(names["enum"]).size === names["enum"].length &&
        !("properties" in schema),
    ],
  ],
  ["additionalProperties", ["false, or a schema beside propertyNames", (it) => it === false]],
  ["x-installation-id", ["the name of a field", TYPES.string]],
  [
    "x-published",
    [
      "true, or the value of one other field",
      (rule) => rule === true || (isObject(rule) && isOneText(Object.values(rule))),
    ],
  ],
  ["x-known", ["a list of texts", (values) => isList(values, "string")]],
]);

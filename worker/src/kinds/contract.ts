/**
 * Checks a report against its JSON Schema, property by property.
 *
 * A required property that does not fit refuses the report, an optional one is dropped, and an
 * unknown one is ignored. The schema is compiled once, when the receiver starts. This module uses
 * no JSON Schema library: one that validates cannot clean (decision S11).
 */

import { compileTests, readType, TYPES } from "./keywords.ts";
import type { KeywordTest, Scalar, Schema } from "./keywords.ts";
import { findFaults, findSchemaFaults, type Fault } from "./supported-words.ts";

/** The value of a column; null if the report does not have the field. */
export type Column = string | number | null;

/** A report's values by field name. */
export type Row = ReadonlyMap<string, Column>;

/** Says what is wrong with a report, in the contract's own words. */
export interface Problem {
  /** The property's path; empty for the report itself. */
  readonly path: readonly string[];
  /** The keyword that the value does not meet: `required`, `type`, `pattern`... */
  readonly keyword: string;
  /** The keyword's value in the schema; `type` without `null`. */
  readonly expected: unknown;
}

export type Verdict =
  | { readonly ok: true; readonly row: Row }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A field: a scalar or a list of scalars, somewhere in the report. */
export interface Leaf {
  /** Its dotted path, which is also the name of its column. */
  readonly name: string;
  /** The name that people read. */
  readonly title: string;
  readonly type: "string" | "boolean" | "integer" | "array";
  readonly schema: Schema;
  /** Whether every report has it. */
  readonly required: boolean;
}

export interface EventContract {
  /** The fields, in the schema's order. */
  readonly leaves: readonly Leaf[];
  readonly check: (report: unknown) => Verdict;
}

export interface Contract extends EventContract {
  /** The fields' names, in the same order. */
  readonly fields: readonly string[];
  /** The field that identifies an installation. */
  readonly key: string;
  /** Whether the field *name* may have this value; for a list, whether an element may. */
  readonly fits: (name: string, value: unknown) => boolean;
  /** Return the installation ID as it is stored; null if *value* is not an ID. */
  readonly cleanKey: (value: unknown) => string | null;
}

/** Writes the columns of a value into a row, or returns the value's problems. */
type Read<Value> = (value: Value, row: Map<string, Column>) => readonly Problem[];

const NONE: readonly Problem[] = [];

/** @throws Error - if *schema* uses a word that the receiver does not enforce, with all of them */
export function createContract(schema: object): Contract {
  const { leaves, tests, key, check } = compile(schema, findFaults(schema));
  const isKey = tests.get(key);
  return {
    leaves,
    fields: leaves.map(({ name }) => name),
    key,
    check,
    fits: (name, value) => tests.get(name)?.(value) ?? false,
    cleanKey: (value) => {
      const id = typeof value === "string" ? value.toLowerCase() : null;
      return id !== null && isKey?.(id) ? id : null;
    },
  };
}

/** Create the contract of an event, which has no ID. @throws Error - like `createContract` */
export const createEventContract = (schema: object): EventContract =>
  compile(schema, findSchemaFaults(schema));

function compile(
  schema: object,
  faults: readonly Fault[],
): EventContract & {
  readonly key: string;
  readonly tests: ReadonlyMap<string, CompiledLeaf["test"]>;
} {
  if (faults.length > 0) {
    const lines = faults.map(({ pointer, reason }) => `${pointer} ${reason}`);
    throw new Error(["The contract cannot be enforced:", ...lines].join("\n  "));
  }
  const root = schema as Schema;
  const key = root["x-installation-id"] ?? "";
  const { leaves, read } = compileProperty(root, {
    path: [],
    title: "",
    required: true,
    always: true,
    strict: root["x-refuse-invalid"] ?? false,
    key,
  });
  return {
    leaves: leaves.map(({ leaf }) => leaf),
    tests: new Map(leaves.map(({ leaf, test }) => [leaf.name, test])),
    key,
    check: (report) => {
      const row = new Map<string, Column>();
      const problems = read(report, row);
      return problems.length > 0 ? { ok: false, problems } : { ok: true, row };
    },
  };
}

/** Write a sentence about *problems* without any value of the report. */
export function describeProblems(problems: readonly Problem[]): string {
  const parts = problems.map(({ path, keyword }) =>
    path.length === 0
      ? "The body is not a JSON object"
      : `${path.join(".")} ${keyword === "required" ? "is missing" : "is not valid"}`,
  );
  return `${parts.join("; ")}.`;
}

interface Place {
  readonly path: readonly string[];
  readonly title: string;
  /** Whether the object that holds the property requires it. */
  readonly required: boolean;
  /** Whether every report has the property. */
  readonly always: boolean;
  /** Whether an optional value that does not fit refuses the report. */
  readonly strict: boolean;
  readonly key: string;
}

interface CompiledLeaf {
  readonly leaf: Leaf;
  readonly test: (value: unknown) => boolean;
}

interface Compiled<Value> {
  readonly leaves: readonly CompiledLeaf[];
  readonly read: Read<Value>;
}

function compileProperty(schema: Schema, place: Place): Compiled<unknown> {
  const type = readType(schema);
  const isType = TYPES[type];
  const isNullable = Array.isArray(schema.type);
  const dropsInvalid = schema["x-drop-invalid"] ?? false;
  const { path, required, strict } = place;
  const missing = [{ path, keyword: "required", expected: true }];
  const wrongType = [{ path, keyword: "type", expected: type }];
  const { leaves, read } =
    type === "object" ? compileObject(schema, place) : compileLeaf(schema, place);
  const names = leaves.map(({ leaf }) => leaf.name);
  return {
    leaves,
    read: (value, row) => {
      const isAbsent = value === undefined || (isNullable && value === null);
      const hasType = !isAbsent && isType(value);
      const problems = isAbsent ? missing : hasType ? read(value as never, row) : wrongType;
      if (problems.length === 0) {
        return NONE;
      }
      for (const name of names) {
        row.set(name, null);
      }
      const isRefused = isAbsent ? required : (required || strict) && !(hasType && dropsInvalid);
      return isRefused ? problems : NONE;
    },
  };
}

function compileObject(schema: Schema, place: Place): Compiled<Readonly<Record<string, unknown>>> {
  const required = new Set(schema.required);
  const entries =
    schema.propertyNames?.enum.map(
      (name) => [name, schema.additionalProperties as Schema] as const,
    ) ?? Object.entries(schema.properties ?? {});
  const properties = entries.map(([name, property]) => {
    const path = [...place.path, name];
    const isRequired = required.has(name);
    return {
      name,
      ...compileProperty(property, {
        ...place,
        path,
        // The entries of a map share one schema.
        title: schema.propertyNames
          ? `${place.title}: ${name}`
          : (property.title ?? path.join(".")),
        required: isRequired,
        always: place.always && isRequired,
      }),
    };
  });
  return {
    leaves: properties.flatMap(({ leaves }) => leaves),
    read: (object, row) => {
      let problems = NONE;
      for (const { name, read } of properties) {
        // Own properties only: a field may be called `constructor`.
        const found = read(Object.hasOwn(object, name) ? object[name] : undefined, row);
        problems = found.length > 0 ? [...problems, ...found] : problems;
      }
      return problems;
    },
  };
}

function compileLeaf(schema: Schema, { path, title, always, key }: Place): Compiled<never> {
  const name = path.join(".");
  const type = readType(schema) as Leaf["type"];
  const tests = compileTests(schema.items ?? schema);
  const isElement = TYPES[readType(schema.items ?? schema)];
  const test = (value: unknown): boolean =>
    isElement(value) && tests.every((it) => it.test(value as Scalar));
  const read: Read<never> =
    type === "array"
      ? readArray(name, path, schema, test)
      : readScalar(name, path, tests, name === key);
  return { leaves: [{ leaf: { name, title, type, schema, required: always }, test }], read };
}

function readScalar(
  name: string,
  path: readonly string[],
  tests: readonly KeywordTest[],
  isKey: boolean,
): Read<Scalar> {
  const checks = tests.map(({ keyword, expected, test }) => ({
    test,
    problems: [{ path, keyword, expected }],
  }));
  return (sent, row) => {
    const value = isKey ? (sent as string).toLowerCase() : sent;
    for (const { test, problems } of checks) {
      if (!test(value)) {
        return problems;
      }
    }
    // Adding 0 makes -0 a 0.
    row.set(name, typeof value === "string" ? value : Number(value) + 0);
    return NONE;
  };
}

/** Keep the distinct elements that fit, sorted, as JSON. */
function readArray(
  name: string,
  path: readonly string[],
  { items, maxItems = 0, "x-whole-list": isWhole = false }: Schema,
  fits: (value: unknown) => boolean,
): Read<readonly Scalar[]> {
  const tooLong = [{ path, keyword: "maxItems", expected: maxItems }];
  const wrongElement = [{ path, keyword: "items", expected: items }];
  return (elements, row) => {
    if (elements.length > maxItems) {
      return tooLong;
    }
    if (isWhole && !elements.every(fits)) {
      return wrongElement;
    }
    const distinct = [...new Set(elements.filter(fits))];
    row.set(name, JSON.stringify(distinct.toSorted((a, b) => (a < b ? -1 : 1))));
    return NONE;
  };
}

/**
 * Checks a report against its JSON Schema, property by property.
 *
 * A required field that does not fit refuses the report, an optional one is dropped, and an
 * unknown one is ignored. The schema is compiled once, when the receiver starts. This module uses
 * no JSON Schema library: on a Worker that has just started, one adds nearly a tenth to the cost of
 * a refused report.
 */

/** The value of a column; null if the report does not have the field. */
export type Column = string | number | null;

export type Verdict =
  | { readonly ok: true; readonly row: ReadonlyMap<string, Column> }
  | { readonly ok: false; readonly problem: string };

export interface Contract {
  /** The field names, in the schema's order. */
  readonly fields: readonly string[];
  /** The field that identifies an installation. */
  readonly key: string;
  readonly check: (report: object) => Verdict;
  /** Whether the field *name* may have this value. */
  readonly fits: (name: string, value: unknown) => boolean;
}

interface Schema {
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
}

/** @throws Error - if *schema* uses a keyword that this module does not enforce */
export function createContract(schema: Schema, key: string): Contract {
  const required = new Set(schema.required);
  const tests = new Map(
    Object.entries(schema.properties).map(([name, property]) => [name, compile(property)]),
  );

  const check = (report: object): Verdict => {
    const row = new Map<string, Column>();
    const problems: string[] = [];
    for (const [name, isValid] of tests) {
      // Own properties only: a field may be called `constructor`.
      const sent: unknown = Object.hasOwn(report, name)
        ? (report as Record<string, unknown>)[name]
        : undefined;
      const value = name === key && typeof sent === "string" ? sent.toLowerCase() : sent;
      const valid = value !== undefined && isValid(value);
      row.set(name, valid ? toColumn(value) : null);
      if (!valid && required.has(name)) {
        problems.push(`${name} ${value === undefined ? "is missing" : "is not valid"}`);
      }
    }
    return problems.length > 0
      ? { ok: false, problem: `${problems.join("; ")}.` }
      : { ok: true, row };
  };

  const fits = (name: string, value: unknown): boolean => tests.get(name)?.(value) ?? false;

  return { fields: [...tests.keys()], key, check, fits };
}

type Test = (value: unknown) => boolean;

const ANNOTATIONS = new Set(["title", "description", "examples", "x-published", "x-known"]);
const TYPES = new Set(["string", "boolean"]);

/**
 * How to compile each keyword. As in JSON Schema, keywords for strings accept every other type.
 * A Map rather than an object, because a keyword may be called `constructor`.
 */
const KEYWORDS: ReadonlyMap<string, (argument: never) => Test> = new Map<
  string,
  (argument: never) => Test
>([
  [
    "type",
    (argument: unknown) => {
      const type = requireKnown(argument, TYPES);
      return (value) => typeof value === type;
    },
  ],
  ["enum", (values: readonly unknown[]) => (value) => values.includes(value)],
  [
    "pattern",
    (source: string) => {
      const pattern = new RegExp(source, "u");
      return (value) => typeof value !== "string" || pattern.test(value);
    },
  ],
  [
    "maxLength",
    (most: number) => (value) => typeof value !== "string" || [...value].length <= most,
  ],
  [
    "anyOf",
    (schemas: readonly object[]) => {
      const tests = schemas.map(compile);
      return (value) => tests.some((test) => test(value));
    },
  ],
]);

function compile(schema: object): Test {
  const tests = Object.entries(schema)
    .filter(([keyword]) => !ANNOTATIONS.has(keyword))
    .map(([keyword, argument]) =>
      KEYWORDS.get(requireKnown(keyword, KEYWORDS))!(argument as never),
    );
  return (value) => tests.every((test) => test(value));
}

/** @throws Error - if *word* is not among *known*: a rule that is not enforced must not pass */
function requireKnown(word: unknown, known: { has(word: string): boolean }): string {
  if (typeof word !== "string" || !known.has(word)) {
    throw new Error(
      `The schema uses ${JSON.stringify(word)}, which worker/src/kinds/contract.ts does not enforce.`,
    );
  }
  return word;
}

function toColumn(value: unknown): Column {
  return typeof value === "boolean" ? Number(value) : (value as string | number);
}

/**
 * A report's schema, interpreted property by property: a required field that does
 * not fit refuses the report, an optional one is dropped, an unknown one ignored.
 *
 * Each property is read once, when the Worker starts, into tests that are ready
 * made. Most requests find a Worker that has just started, and a JSON Schema library
 * that is still cold cost nearly a tenth of all that a refused report costs.
 */

/** What a column holds; null stands for an absent field. */
export type Column = string | number | null;

export type Verdict =
  | { readonly ok: true; readonly row: ReadonlyMap<string, Column> }
  | { readonly ok: false; readonly problem: string };

export interface Contract {
  /** The field names, in the schema's order. */
  readonly fields: readonly string[];
  /** The field that tells one installation from another. */
  readonly key: string;
  readonly check: (report: object) => Verdict;
  /** Whether *value* may be that of the field *name*. */
  readonly fits: (name: string, value: unknown) => boolean;
}

interface Schema {
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
}

/** @throws Error - if *schema* uses a word of JSON Schema that is not known here */
export function contract(schema: Schema, key: string): Contract {
  const required = new Set(schema.required);
  const tests = new Map(
    Object.entries(schema.properties).map(([name, property]) => [name, test(property)]),
  );

  const check = (report: object): Verdict => {
    const row = new Map<string, Column>();
    const problems: string[] = [];
    for (const [name, fitting] of tests) {
      // Own properties only: a report may well be named `constructor`.
      const given: unknown = Object.hasOwn(report, name)
        ? (report as Record<string, unknown>)[name]
        : undefined;
      const value = name === key && typeof given === "string" ? given.toLowerCase() : given;
      const fits = value !== undefined && fitting(value);
      row.set(name, fits ? column(value) : null);
      if (!fits && required.has(name)) {
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

const ANNOTATIONS = new Set(["title", "description", "examples", "x-published"]);
const TYPES = new Set(["string", "boolean"]);

/**
 * What each word demands, as JSON Schema has it: those of strings pass all else. A
 * Map: a word may well be `constructor`.
 */
const WORDS: ReadonlyMap<string, (argument: never) => Test> = new Map<
  string,
  (argument: never) => Test
>([
  [
    "type",
    (argument: unknown) => {
      const type = known(argument, TYPES);
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
      const tests = schemas.map(test);
      return (value) => tests.some((one) => one(value));
    },
  ],
]);

function test(schema: object): Test {
  const tests = Object.entries(schema)
    .filter(([word]) => !ANNOTATIONS.has(word))
    .map(([word, argument]) => WORDS.get(known(word, WORDS))!(argument as never));
  return (value) => tests.every((one) => one(value));
}

/** *word*, if *words* has it. @throws Error - if not: what is not enforced is not accepted */
function known(word: unknown, words: { has(word: string): boolean }): string {
  if (typeof word !== "string" || !words.has(word)) {
    throw new Error(
      `The contract uses ${JSON.stringify(word)}, which worker/src/contract.ts does not know.`,
    );
  }
  return word;
}

function column(value: unknown): Column {
  return typeof value === "boolean" ? Number(value) : (value as string | number);
}

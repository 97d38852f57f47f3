/** Describes answers in OpenAPI, from samples that the receiver's own functions built. */

import type { Project } from "../kinds/project.ts";

/** An answer, and the sentence on when it is given. */
export type Sample = readonly [description: string, answer: Response];

/** Headers that say nothing about an operation. */
const COMMON = new Set([
  "access-control-allow-origin",
  "cache-control",
  "content-length",
  "content-type",
  "x-content-type-options",
]);

/** The answers of every operation that uses the database. */
export const sharedAnswers = ({ answers }: Project): readonly Sample[] => [
  ["Too many requests.", answers.rateLimited()],
  ["The database does not answer.", answers.unavailable()],
];

/** Describe *samples* by their status. */
export async function describeAnswers(
  samples: readonly Sample[],
): Promise<Readonly<Record<string, object>>> {
  const read = await Promise.all(
    samples.map(async ([description, answer]) => ({
      description,
      status: String(answer.status),
      headers: [...answer.headers].filter(([name]) => !COMMON.has(name)),
      type: answer.headers.get("Content-Type")?.split(";")[0] ?? "",
      body: await answer.clone().text(),
    })),
  );
  const groups = Object.groupBy(read, ({ status }) => status);
  return Object.fromEntries(
    Object.entries(groups).map(([status, group = []]) => [
      status,
      {
        description: [...new Set(group.map(({ description }) => description))].join(" "),
        ...describeHeaders(group.map(({ headers }) => headers)),
        ...describeBodies(group.filter(({ body }) => body !== "")),
      },
    ]),
  );
}

/** List the headers that every one of the answers has. */
function describeHeaders(answers: readonly (readonly [string, string][])[]): object {
  const [first = [], ...others] = answers;
  const shared = first.filter(([name]) => others.every((it) => it.some(([its]) => its === name)));
  const described = shared.map(([name, value]) => [
    name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    { required: true, schema: { type: /^\d+$/.test(value) ? "integer" : "string" } },
  ]);
  return described.length === 0 ? {} : { headers: Object.fromEntries(described) };
}

function describeBodies(answers: readonly { type: string; body: string }[]): object {
  const types = Object.groupBy(answers, ({ type }) => type);
  const content = Object.entries(types).map(([type, group = []]) => {
    const values = group.map(({ body }): unknown =>
      type.endsWith("json") ? JSON.parse(body) : body,
    );
    const examples = unique(values).map((value, index) => [`example-${index + 1}`, { value }]);
    return [type, { schema: anyOf(values.map(infer)), examples: Object.fromEntries(examples) }];
  });
  return content.length === 0 ? {} : { content: Object.fromEntries(content) };
}

/** Return the schema of values like *value*. */
function infer(value: unknown): object {
  if (Array.isArray(value)) {
    return { type: "array", items: anyOf(value.map(infer)) };
  }
  if (typeof value === "object" && value !== null) {
    const properties = Object.entries(value).map(([name, part]) => [name, infer(part)]);
    return {
      type: "object",
      properties: Object.fromEntries(properties),
      required: Object.keys(value),
    };
  }
  return { type: value === null ? "null" : Number.isInteger(value) ? "integer" : typeof value };
}

function anyOf(schemas: readonly object[]): object {
  const [first = {}, ...others] = unique(schemas);
  return others.length === 0 ? first : { anyOf: [first, ...others] };
}

const unique = <Value>(values: readonly Value[]): readonly Value[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

/** Describes answers in OpenAPI, from samples that the receiver's own functions built. */

import type { Project } from "../src/kinds/project.ts";

/** An answer, and the sentence on when it is given. */
export type Sample = readonly [description: string, answer: Response];

/** Headers that say nothing about an operation. */
const COMMON = /^(access-control-allow-origin|cache-control|content-.*|x-content-type-options)$/;

/** The answers of every operation that uses the database. */
export const sharedAnswers = ({ answers }: Project): readonly Sample[] => [
  ["Too many requests.", answers.rateLimited()],
  ["The database does not answer.", answers.unavailable()],
];

/** Describe *samples* by their status. */
export async function describeAnswers(
  samples: readonly Sample[],
): Promise<Readonly<Record<string, object>>> {
  const groups = Object.groupBy(samples, ([, { status }]) => status);
  const described = Object.entries(groups).map(async ([status, group = []]) => [
    status,
    {
      description: unique(group.map(([description]) => description)).join(" "),
      ...describeHeaders(group.map(([, { headers }]) => headers)),
      ...(await describeBodies(group.map(([, answer]) => answer))),
    },
  ]);
  return Object.fromEntries(await Promise.all(described)) as Record<string, object>;
}

/** List the headers that every one of the answers has. */
function describeHeaders([first, ...others]: readonly Headers[]): object {
  const shared = [...(first ?? [])].filter(
    ([name]) => !COMMON.test(name) && others.every((headers) => headers.has(name)),
  );
  const described = shared.map(([name, value]) => [
    name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    { required: true, schema: { type: /^\d+$/.test(value) ? "integer" : "string" } },
  ]);
  return described.length === 0 ? {} : { headers: Object.fromEntries(described) };
}

async function describeBodies(answers: readonly Response[]): Promise<object> {
  const bodies = await Promise.all(
    answers.map(async (answer) => ({
      type: answer.headers.get("Content-Type")?.split(";")[0] ?? "text/plain",
      body: await answer.clone().text(),
    })),
  );
  const types = Object.groupBy(
    bodies.filter(({ body }) => body !== ""),
    ({ type }) => type,
  );
  const content = Object.entries(types).map(([type, group = []]) => {
    const values = unique(
      group.map(({ body }): unknown => (type.endsWith("json") ? JSON.parse(body) : body)),
    );
    const examples = values.map((value, index) => [`example-${index + 1}`, { value }]);
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
    const required = Object.keys(value);
    return { type: "object", properties: Object.fromEntries(properties), required };
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

/** Describes the operator's view in OpenAPI. */

import { invalidRequest, jsonAnswer, unauthorized } from "../src/http/answers.ts";
import type { Project } from "../src/kinds/project.ts";
import { listPairs, MOST_VALUES, STEPS } from "../operator/counter-query.ts";
import { ACTIVITY_COLUMNS } from "../src/store/activity.ts";
import { describeAnswers, sharedAnswers, type Sample } from "./answers.ts";

/** An operation, and what an answer has in addition to what all of them have. */
interface Described {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly object[];
  /** The schemas of a row's columns. */
  readonly columns: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly invalid: string;
}

const TAGS = ["operator"];
const SECURITY = [{ operator: [] }];
const INTEGER = { type: "integer" };
const DAY = { type: "string", format: "date" };
const FROM = "The first day in UTC. Of a time, such as `2026-11-27T00:00:00Z`, the day counts.";
const UNTIL = "The day after the last one.";

const query = (name: string, schema: object, description: string, required = false): object => ({
  ...{ name, in: "query", required, description, schema },
});

const enumerate = (names: readonly string[]): object => ({ enum: [...new Set(names)] });

const RANGE = [query("from", DAY, FROM), query("until", DAY, UNTIL)];

/** List the operations of each path. */
export async function describeOperator(
  project: Project,
): Promise<readonly [string, Readonly<Record<string, object>>][]> {
  const counters = project.kinds.flatMap((kind) => kind.counters ?? []);
  const tables = [
    INSTALLATIONS,
    ...(counters.length > 0 ? [describeCounters(counters)] : []),
  ].flatMap((described) => [
    describeTable(project, described, "JSON"),
    describeTable(project, described, "CSV"),
  ]);
  return Promise.all([...tables, describeCount(project)]);
}

const INSTALLATIONS: Described = {
  path: "/operator/installations",
  operationId: "operator-installations",
  summary: "The active installations of each day",
  description:
    "How many installations were active in the 1, 7 and 30 days up to each day, the oldest day " +
    "first. A number is null where reports are not kept that long.",
  parameters: RANGE,
  columns: Object.fromEntries(
    ACTIVITY_COLUMNS.map((name) => [name, name === "day" ? DAY : { type: ["integer", "null"] }]),
  ),
  required: ACTIVITY_COLUMNS,
  invalid: "Write from as 2026-11-27 or 2026-11-27T00:00:00Z.",
};

function describeCounters(counters: Parameters<typeof listPairs>[0]): Described {
  const pairs = listPairs(counters);
  const events = pairs.map(({ event }) => event);
  const sums = pairs.flatMap((pair) => pair.sums);
  return {
    path: "/operator/counters",
    operationId: "operator-counters",
    summary: "Sums of counters by day and value",
    description:
      "A row for each step and value, the oldest day first and then the largest number. " +
      "`(unknown)` stands for a value that was not reported, and `(other)` for those that have no " +
      "row of their own.",
    parameters: [
      query("event", enumerate(events), "What installations did.", true),
      query(
        "pair",
        enumerate(pairs.map(({ pair }) => pair)),
        "The fields that the event is counted by. Each event has its own; if it has only one " +
          "pair, you can leave this out.",
      ),
      query(
        "by",
        enumerate(["first", "second", "both", "none"]),
        "Which of the pair's fields to show; the other is added up.",
      ),
      query(
        "step",
        { enum: STEPS, default: "day" },
        "A week begins on Sunday, as an edition does.",
      ),
      query(
        "top",
        { type: "integer", minimum: 1, maximum: MOST_VALUES, default: 20 },
        "How many values to show, the largest of the whole time.",
      ),
      ...RANGE,
    ],
    columns: {
      ...{ day: DAY, first: { type: "string" }, second: { type: "string" } },
      ...Object.fromEntries(sums.map((name) => [name, INTEGER])),
    },
    required: [],
    invalid: `Set event to one of these: ${[...new Set(events)].join("; ")}.`,
  };
}

/** The answers of every path of the operator. */
const listShared = (project: Project): readonly Sample[] => [
  ["The operator has set no secret.", project.answers.notFound()],
  ["The secret is missing or wrong.", unauthorized()],
  ...sharedAnswers(project),
];

async function describeTable(
  project: Project,
  described: Described,
  format: "JSON" | "CSV",
): Promise<[string, Readonly<Record<string, object>>]> {
  const { path, operationId, summary, description, parameters, columns, required } = described;
  const isJson = format === "JSON";
  const row = { type: "object", properties: columns, required, additionalProperties: false };
  const content = isJson
    ? { "application/json": { schema: { type: "array", items: row } } }
    : { "text/csv": { schema: { type: "string" } } };
  const get = {
    operationId: isJson ? operationId : `${operationId}-sheet`,
    ...{ tags: TAGS, security: SECURITY, parameters },
    summary: `${summary}${isJson ? "" : " as CSV"}.`,
    description,
    responses: {
      200: { description: isJson ? "An array of rows." : "CSV with a header.", content },
      ...(await describeAnswers([
        ["The query is not valid.", invalidRequest(described.invalid)],
        ...listShared(project),
      ])),
    },
  };
  return [isJson ? path : `${path}.csv`, { get }];
}

async function describeCount(
  project: Project,
): Promise<[string, Readonly<Record<string, object>>]> {
  const samples: readonly Sample[] = [
    [
      "What was done, a line for each part.",
      jsonAnswer(200, { done: [`${project.counted.name}: counted for 7d`] }),
    ],
    ["A part of the run failed.", jsonAnswer(503, { error: "failed", detail: "Error: D1_ERROR" })],
    ...listShared(project),
  ];
  const post = {
    operationId: "operator-count",
    ...{ tags: TAGS, security: SECURITY },
    summary: "Run the daily work now.",
    description: "It counts, publishes what is due and purges. Another run repeats nothing.",
    responses: await describeAnswers(samples),
  };
  return ["/operator/count", { post }];
}

/** Builds the OpenAPI document of a project from its report kinds, routes and answers. */

import { healthy, invalidRequest, outdatedSchema, unknownPeriod } from "../http/answers.ts";
import { readType, type Schema } from "../kinds/keywords.ts";
import type { ReportKind } from "../kinds/kind.ts";
import type { Project } from "../kinds/project.ts";
import { findDefaultPeriod, listWindowNames, publishesMonths } from "../statistics/periods.ts";
import { reduceToAccepted } from "./accepted-schema.ts";
import { describeAnswers, sharedAnswers, type Sample } from "./answers.ts";
import { describeForgetting, describeKind } from "./reports.ts";
import template from "./template.json" with { type: "json" };

/** A route of the project's own. */
interface Route {
  readonly methods: readonly string[];
  readonly path: string;
  readonly operation?: object;
}

/** The operations of a path, by method in lower case. */
type Operations = Readonly<Record<string, object>>;

export async function buildOpenApi(
  project: Project & { readonly routes: readonly Route[] },
): Promise<object> {
  const { counted, kinds, name, routes } = project;
  const { operations: _, info, components, ...rest } = template;
  const operations: readonly (readonly [path: string, operations: Operations])[] = [
    ...(await Promise.all(kinds.map((kind) => describeKind(project, kind)))).flat(),
    ["/forget", { post: await describeForgetting(project) }],
    ...(await describeStatistics(project)),
    [project.paths.fields, { get: template.operations.fields }],
    ["/health", { get: await describeHealth(project) }],
    ["/openapi.json", describeFile("description", "This document.", "application/json")],
    ["/openapi.yaml", describeFile("yaml", "This document as YAML.", "application/yaml")],
    ...kinds.map((kind): [string, Operations] => [
      kind.schemaPath,
      describeFile(
        `${kind.name}-contract`,
        "The contract of a report, as JSON Schema.",
        "application/schema+json",
      ),
    ]),
    ...routes.map((route): [string, Operations] => [route.path, describeRoute(route)]),
  ];
  const paths: Record<string, Operations> = {};
  for (const [path, methods] of operations) {
    paths[path] = { ...paths[path], ...methods };
  }
  return {
    ...rest,
    info: { title: `Usage reports of ${name}`, ...info },
    paths,
    components: {
      ...components,
      schemas: {
        ...components.schemas,
        ...describePeriods(counted),
        ...describeContracts(project),
      },
    },
  };
}

function describePeriods({ retentionDays }: ReportKind): object {
  const { Month, Period } = template.components.schemas;
  const windows = listWindowNames(retentionDays);
  const anyOf = [{ enum: windows }, ...(publishesMonths(retentionDays) ? [Month] : [])];
  return { Period: { ...Period, anyOf, default: findDefaultPeriod(retentionDays) } };
}

const describeContracts = ({ kinds }: Project): object =>
  Object.fromEntries(
    kinds.flatMap(({ name, schema }) => [
      [name, schema],
      [
        `${name}-accepted`,
        {
          ...reduceToAccepted(schema as Schema),
          description: `What decides whether a report is accepted. \`${name}\` has all fields.`,
        },
      ],
    ]),
  );

/** Describe the page and the statistics in their formats. */
async function describeStatistics(project: Project): Promise<readonly [string, Operations][]> {
  const { paths, counted } = project;
  const { page, json, months, csv, badge } = template.operations;
  const shared = sharedAnswers(project);
  const noPeriod: Sample = ["There are no statistics for this period.", unknownPeriod(paths.json)];
  const noCell: Sample = [
    "The query names more than one value, or a value that no report can have.",
    invalidRequest("The value is not valid."),
  ];
  const failures = await describeAnswers([noPeriod, ...shared]);
  const noMonth: Sample = ["The path names no month.", project.answers.notFound()];
  const monthFailures = await describeAnswers([noPeriod, noMonth, ...shared]);
  const badgeFailures = await describeAnswers([noCell, ...shared]);
  // The value of a list counts per element, and no query has the value null.
  const fields = counted.contract.leaves.flatMap(({ name, schema }) =>
    counted.published.some((field) => field.name === name && field.condition === null)
      ? [[name, { ...(schema.items ?? schema), type: readType(schema.items ?? schema) }]]
      : [],
  );
  const [cell, ...others] = badge.parameters;
  const properties = Object.fromEntries(fields);
  const parameters = [{ ...cell, schema: { ...cell?.schema, properties } }, ...others];
  return [
    [paths.page, get(page, failures)],
    [paths.json, get(json, failures)],
    ...(publishesMonths(counted.retentionDays)
      ? [[paths.months, get(months, monthFailures)] as [string, Operations]]
      : []),
    [paths.csv, get(csv, failures)],
    [paths.badge, get({ ...badge, parameters }, badgeFailures)],
  ];
}

const get = <O extends { responses: object }>(operation: O, more: object): Operations => ({
  get: { ...operation, responses: { ...operation.responses, ...more } },
});

const describeHealth = async (project: Project): Promise<object> => ({
  ...template.operations.health,
  responses: await describeAnswers([
    ["The database answers and has its tables and columns.", healthy()],
    ["The database lacks a table or a column; the answer names it.", outdatedSchema(["reports"])],
    ...sharedAnswers(project),
  ]),
});

const describeFile = (operationId: string, summary: string, type: string): Operations => ({
  get: {
    operationId,
    tags: ["service"],
    summary,
    responses: {
      200: { description: summary, content: { [type]: { schema: { type: "object" } } } },
    },
  },
});

/** Every GET answers HEAD too, which the document leaves out. */
function describeRoute({ methods, path, operation }: Route): Operations {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const responses = { default: { description: "The project's own answer." } };
  return Object.fromEntries(
    methods
      .filter((method) => method !== "HEAD")
      .map((method) => [
        method.toLowerCase(),
        {
          operationId: `${method} ${path}`,
          ...(parameters.length > 0 && { parameters }),
          responses,
          ...operation,
        },
      ]),
  );
}

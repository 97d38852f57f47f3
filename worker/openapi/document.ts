/** Builds the OpenAPI document of a project from its report kinds, routes and answers. */

import { healthy, invalidRequest, outdatedSchema, unknownPeriod } from "../src/http/answers.ts";
import { readType, type Schema } from "../src/kinds/keywords.ts";
import type { ReportKind } from "../src/kinds/kind.ts";
import type { Project } from "../src/kinds/project.ts";
import type { Route, RoutedProject } from "../src/service/own-routes.ts";
import { findDefaultPeriod, listWindowNames, publishesMonths } from "../src/statistics/periods.ts";
import { reduceToAccepted } from "./accepted-schema.ts";
import { describeAnswers, sharedAnswers, type Sample } from "./answers.ts";
import { describeOperator } from "./operator.ts";
import { listParameters } from "./parameters.ts";
import { describeEvents, describeKey } from "./sent-events.ts";
import { describeForgetting, describeKind } from "./reports.ts";
import template from "./template.json" with { type: "json" };

/** The operations of a path, by method in lower case. */
type Operations = Readonly<Record<string, object>>;

export async function buildOpenApi(project: RoutedProject): Promise<object> {
  const { counted, kinds, name, routes } = project;
  const { operations, info, components, ...rest } = template;
  const paths: Record<string, Operations> = {};
  const add = (path: string, described: Operations): void => {
    paths[path] = { ...paths[path], ...described };
  };
  for (const kind of kinds) {
    for (const [path, described] of await describeKind(project, kind)) {
      add(path, described);
    }
  }
  add("/forget", { post: await describeForgetting(project) });
  await describeStatistics(project, (path, get) => add(path, { get }));
  add(project.paths.fields, { get: operations.fields });
  add("/health", { get: await describeHealth(project) });
  add("/openapi.json", { get: operations.document });
  add("/openapi.yaml", { get: operations.yaml });
  for (const kind of kinds) {
    add(kind.schemaPath, { get: { operationId: `${kind.name}-contract`, ...operations.contract } });
  }
  for (const [path, described] of await describeOperator(project)) {
    add(path, described);
  }
  for (const route of routes) {
    add(route.path, describeRoute(route));
  }
  return {
    ...rest,
    info: { title: `Usage reports of ${name}`, ...info },
    paths,
    components: {
      ...components,
      schemas: {
        ...components.schemas,
        Period: describePeriod(counted),
        ...Object.assign({}, ...kinds.map(describeContract)),
      },
    },
  };
}

function describePeriod({ retentionDays }: ReportKind): object {
  const { Month, Period } = template.components.schemas;
  const windows = { enum: listWindowNames(retentionDays) };
  return {
    ...Period,
    anyOf: publishesMonths(retentionDays) ? [windows, Month] : [windows],
    default: findDefaultPeriod(retentionDays),
  };
}

function describeContract(kind: ReportKind): object {
  const { name, schema } = kind;
  const accepted: { readonly properties?: object } = reduceToAccepted(schema as Schema);
  return {
    [name]: schema,
    [`${name}-accepted`]: {
      ...accepted,
      properties: { ...accepted.properties, ...describeKey(kind) },
      description: `What decides whether a report is accepted. \`${name}\` has all fields.`,
    },
    ...describeEvents(kind),
  };
}

/** Describe the page and the statistics in their formats. */
async function describeStatistics(
  project: Project,
  add: (path: string, get: object) => void,
): Promise<void> {
  const { paths, counted } = project;
  const { page, json, months, csv, weeks, weeksCsv, badge } = template.operations;
  const noPeriod: Sample = ["There are no statistics for this period.", unknownPeriod(paths.json)];
  const noCell: Sample = [
    "The query names more than one value, or a value that no report can have.",
    invalidRequest("The value is not valid."),
  ];
  const noField: Sample = [
    "The query names more than one field, or one that is not published.",
    invalidRequest("Use at most one of these fields: total, version."),
  ];
  const noMonth: Sample = ["The path names no month.", project.answers.notFound()];
  const shared = sharedAnswers(project);
  const addGet = async <O extends { readonly responses: object }>(
    path: string,
    operation: O,
    ...samples: readonly Sample[]
  ): Promise<void> =>
    add(path, {
      ...operation,
      responses: {
        ...operation.responses,
        ...(await describeAnswers([...samples, ...shared])),
      },
    });
  await addGet(paths.page, page, noPeriod);
  await addGet(paths.json, json, noPeriod);
  if (publishesMonths(counted.retentionDays)) {
    await addGet(paths.months, months, noPeriod, noMonth);
  }
  await addGet(paths.csv, csv, noPeriod);
  const names = ["total", ...counted.published.map(({ name }) => name)];
  for (const [path, operation] of [
    [paths.weeks, weeks],
    [paths.weeksCsv, weeksCsv],
  ] as const) {
    const [field, ...others] = operation.parameters;
    const parameters = [{ ...field, schema: { enum: names } }, ...others];
    await addGet(path, { ...operation, parameters }, noField);
  }
  const isPublished = new Set(
    counted.published.flatMap(({ name, condition }) => (condition === null ? [name] : [])),
  );
  const fields = counted.contract.leaves
    .filter(({ name }) => isPublished.has(name))
    // A list counts per element, and no query has the value null.
    .map(({ name, schema: { items, ...schema } }) => {
      const value = items ?? schema;
      return [name, { ...value, type: readType(value) }];
    });
  const [cell, ...others] = badge.parameters;
  const schema = { ...cell?.schema, properties: Object.fromEntries(fields) };
  await addGet(paths.badge, { ...badge, parameters: [{ ...cell, schema }, ...others] }, noCell);
}

const describeHealth = async (project: Project): Promise<object> => ({
  ...template.operations.health,
  responses: await describeAnswers([
    ["The database answers and has its tables and columns.", healthy()],
    ["The database lacks a table or a column; the answer names it.", outdatedSchema(["reports"])],
    ...sharedAnswers(project),
  ]),
});

/** Every path answers OPTIONS, and every GET answers HEAD. The document leaves both out. */
function describeRoute({ methods, path, operation = {} }: Route): Operations {
  const own: { readonly parameters?: readonly object[]; readonly responses?: object } = operation;
  const described = methods
    .filter((method) => method !== "HEAD" && method !== "OPTIONS")
    .map((method) => [
      method.toLowerCase(),
      {
        operationId: `${method} ${path}`,
        ...own,
        parameters: [...listParameters(path), ...(own.parameters ?? [])],
        responses: own.responses ?? { default: { description: "The project's own answer." } },
      },
    ]);
  return Object.fromEntries(described);
}

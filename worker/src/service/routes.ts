/** Lists a project's routes: those that every project has, and its own. */

import { answerFailure } from "../http/database-failure.ts";
import { servePage } from "../http/documents.ts";
import { forgetInstallation } from "../intake/forget.ts";
import { receiveReport } from "../intake/report.ts";
import type { Project } from "../kinds/project.ts";
import { listTables } from "../kinds/tables.ts";
import type { Pages } from "../publish/pages.ts";
import { deleteInstallation } from "../store/reports.ts";
import { describeApi, type BuildOpenApi } from "./description.ts";
import {
  answerBadge,
  answerCsv,
  answerJson,
  answerMonth,
  answerPage,
  answerWeeksCsv,
  answerWeeksJson,
  readEdition,
} from "./editions.ts";
import { checkHealth } from "./health.ts";
import { listOperatorRoutes } from "./operator.ts";
import type { HandledRoute, Handler, Route, RoutedProject } from "./own-routes.ts";

/** The parts of a receiver that are not in the engine. */
export interface WorkerParts {
  readonly pages: Pages;
  readonly buildOpenApi: BuildOpenApi;
}

export function listRoutes(
  project: RoutedProject,
  { pages, buildOpenApi }: WorkerParts,
): readonly HandledRoute[] {
  const { kinds, paths, routes } = project;
  const tables = listTables(project);
  return [
    ...kinds.flatMap((kind) =>
      kind.routes.map((path) =>
        write(
          path,
          (request, env, parameters) => receiveReport(project, kind, request, env, parameters),
          kind.methods,
        ),
      ),
    ),
    write("/forget", (request, env) => forgetInstallation(project, request, env.DB)),
    read("/health", (_, env) => checkHealth(project, tables, env.DB)),
    read(paths.page, (request, env) => answerPage(project, pages, request, env)),
    read(paths.json, (request, env) => answerJson(project, request, env)),
    read(paths.csv, (request, env) => answerCsv(project, request, env)),
    read(paths.badge, (request, env) => answerBadge(project, request, env)),
    read(paths.months, (request, env, { month = "" }) => answerMonth(project, month, request, env)),
    read(paths.weeks, (request, env) => answerWeeksJson(project, request, env)),
    read(paths.weeksCsv, (request, env) => answerWeeksCsv(project, request, env)),
    get(paths.fields, null, (request, env) =>
      servePage(request, pages.renderFields(project, env.RETENTION_DAYS), pages.style),
    ),
    ...describeApi(project, buildOpenApi).map(([path, answer]) => get(path, null, answer)),
    ...listOperatorRoutes(project),
    ...routes.map(({ answer, ...route }) => ({
      ...route,
      handler: handleOwn(project, answer),
    })),
  ];
}

/** Give a project's own route what it may use. */
const handleOwn =
  (project: Project, answer: Route["answer"]): Handler =>
  (request, env, parameters) =>
    answerFailure("route", project.answers.unavailable, async () =>
      answer({
        request,
        env,
        parameters,
        readEdition: (period) => readEdition(project, env, period),
        forget: (id) => deleteInstallation(env.DB, project.kinds, id),
      }),
    );

/** Take what writes, within the limits for writing. */
const write = (
  path: string,
  handler: Handler,
  methods: Route["methods"] = ["POST"],
): HandledRoute => ({
  methods,
  path,
  use: "write",
  handler,
});

/** Take a GET that reads the database, within the limits for reading. */
const read = (path: string, handler: Handler): HandledRoute => get(path, "read", handler);

/** The runtime removes the body from the answer to HEAD. */
const get = (path: string, use: Route["use"], handler: Handler): HandledRoute => ({
  methods: ["GET", "HEAD"],
  path,
  use,
  handler,
});

/** Lists a project's routes: those that every project has, and its own. */

import { answerFailure } from "../http/database-failure.ts";
import { serveDocument } from "../http/documents.ts";
import { forgetInstallation } from "../intake/forget.ts";
import { receiveReport } from "../intake/report.ts";
import type { ReportKind } from "../kinds/kind.ts";
import type { Project } from "../kinds/project.ts";
import { listTables } from "../kinds/tables.ts";
import { deleteInstallation } from "../store/reports.ts";
import { readEdition } from "./editions.ts";
import { get, type HandledRoute, type Handler, type Part } from "./handled-routes.ts";
import { checkHealth } from "./health.ts";
import type { Route, RoutedProject } from "./own-routes.ts";

/** @param parts - what is not in the engine */
export function listRoutes(
  project: RoutedProject,
  parts: readonly Part[],
): readonly HandledRoute[] {
  const tables = listTables(project);
  return [
    ...project.kinds.flatMap((kind) => listKindRoutes(project, kind)),
    write("/forget", (request, env) => forgetInstallation(project, request, env.DB)),
    get("/health", "read", (_, env) => checkHealth(project, tables, env.DB)),
    ...parts.flatMap((list) => list(project)),
    ...project.routes.map(({ answer, ...route }) => ({
      ...route,
      handler: handleOwn(project, answer),
    })),
  ];
}

const listKindRoutes = (project: Project, kind: ReportKind): readonly HandledRoute[] => [
  ...kind.routes.map((path) =>
    write(path, (...context) => receiveReport(project, kind, ...context), kind.methods),
  ),
  get(kind.schemaPath, null, () =>
    serveDocument(JSON.stringify(kind.schema), "application/schema+json"),
  ),
];

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

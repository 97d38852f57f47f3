/** Routes a request by its path and method to the module that answers it. */

import { methodNotAllowed, notFound, options, rateLimited } from "../http/answers.ts";
import { isWithinLimits, type Use } from "../http/rate-limits.ts";
import { forgetInstallation } from "../intake/forget.ts";
import { receiveReport } from "../intake/report.ts";
import type { Project } from "../kinds/project.ts";
import { describeApi } from "./description.ts";
import { answerBadge, answerCsv, answerJson, answerMonth, answerPage } from "./editions.ts";
import type { Env } from "./env.ts";
import { checkHealth } from "./health.ts";

type Handler = (request: Request, env: Env) => Response | Promise<Response>;
type Methods = ReadonlyMap<string, Handler>;

/** The files that only a bundler can import. */
export interface TextFiles {
  readonly openapi: string;
  /** CSS. */
  readonly pageStyle: string;
}

/** One file for each month, too many for a table of routes. */
const MONTH = /^\/stats\/([0-9]{4}-[0-9]{2})\.json$/;

export function createRouter(
  project: Project,
  { openapi, pageStyle }: TextFiles,
): (request: Request, env: Env) => Promise<Response> {
  // A Map rather than an object, because a path may be `/constructor`.
  const routes: ReadonlyMap<string, Methods> = new Map([
    ...project.kinds.map((kind): [string, Methods] => [
      kind.route,
      write((request, env) => receiveReport(kind, request, env.DB)),
    ]),
    ["/forget", write((request, env) => forgetInstallation(project, request, env.DB))],
    ["/health", read((_, env) => checkHealth(project.kinds, env.DB))],
    ["/", read((request, env) => answerPage(project, pageStyle, request, env.DB))],
    ["/stats", read((request, env) => answerJson(project.counted, request, env.DB))],
    ["/stats.csv", read((request, env) => answerCsv(project.counted, request, env.DB))],
    ["/badge", read((request, env) => answerBadge(project.counted, request, env.DB))],
    ...describeApi(project.kinds, openapi).map(([path, answer]): [string, Methods] => [
      path,
      get(answer),
    ]),
  ]);

  const findMethods = (path: string): Methods | undefined => {
    const month = MONTH.exec(path)?.[1];
    return month === undefined
      ? routes.get(path)
      : read((request, env) => answerMonth(project.counted, month, request, env.DB));
  };

  return async (request, env) => {
    const methods = findMethods(new URL(request.url).pathname);
    if (methods === undefined) {
      return notFound();
    }
    const handler = methods.get(request.method);
    if (handler !== undefined) {
      return handler(request, env);
    }
    const allow = [...methods.keys(), "OPTIONS"].join(", ");
    return request.method === "OPTIONS" ? options(allow) : methodNotAllowed(allow);
  };
}

/** Take a POST, within the limits for writing. */
const write = (handler: Handler): Methods => new Map([["POST", limit("write", handler)]]);

/** Take a GET that reads the database, within the limits for reading. */
const read = (handler: Handler): Methods => get(limit("read", handler));

/** The runtime removes the body from the answer to HEAD. */
const get = (handler: Handler): Methods =>
  new Map([
    ["GET", handler],
    ["HEAD", handler],
  ]);

/** Apply the rate limits of *use* to a handler that uses the database. */
function limit(use: Use, handler: Handler): Handler {
  return async (request, env) =>
    (await isWithinLimits(request, use, env)) ? handler(request, env) : rateLimited();
}

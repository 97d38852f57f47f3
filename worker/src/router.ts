/** From a path and a method to what answers them. */

import * as answers from "./answers";
import { badge } from "./badge";
import { DESCRIPTION } from "./description";
import type { Env } from "./env";
import { forget } from "./forget";
import { health } from "./health";
import { KINDS } from "./kinds";
import { withinLimits } from "./limits";
import { page } from "./page";
import { takeReport } from "./report";
import { file, sheet, stats } from "./stats";

type Handler = (request: Request, env: Env) => Response | Promise<Response>;
type Methods = ReadonlyMap<string, Handler>;

/** By path, then by method. Maps: a path may well be `/constructor`. */
const ROUTES: ReadonlyMap<string, Methods> = new Map([
  ...KINDS.map((kind): [string, Methods] => [
    kind.path,
    post(limited((request, env) => takeReport(kind, request, env.DB))),
  ]),
  ["/forget", post(limited((request, env) => forget(request, env.DB)))],
  ["/health", get(limited((_, env) => health(env.DB)))],
  ["/", get(limited((request, env) => page(request, env.DB)))],
  ["/stats", get(limited((request, env) => stats(request, env.DB)))],
  ["/stats.csv", get(limited((request, env) => sheet(request, env.DB)))],
  ["/badge", get(limited((request, env) => badge(request, env.DB)))],
  ...[...DESCRIPTION].map(([path, answer]): [string, Methods] => [path, get(answer)]),
]);

/** Each month has a file, so that no map holds them all. */
const FILE = /^\/stats\/([0-9]{4}-[0-9]{2})\.json$/;

function methodsOf(path: string): Methods | undefined {
  const month = FILE.exec(path)?.[1];
  return month === undefined
    ? ROUTES.get(path)
    : get(limited((request, env) => file(request, env.DB, month)));
}

export async function route(request: Request, env: Env): Promise<Response> {
  const methods = methodsOf(new URL(request.url).pathname);
  if (methods === undefined) {
    return answers.notFound();
  }
  const handler = methods.get(request.method);
  if (handler !== undefined) {
    return handler(request, env);
  }
  const allow = [...methods.keys(), "OPTIONS"].join(", ");
  return request.method === "OPTIONS" ? answers.options(allow) : answers.methodNotAllowed(allow);
}

function post(handler: Handler): Methods {
  return new Map([["POST", handler]]);
}

/** The runtime leaves the body out of the answer to HEAD. */
function get(handler: Handler): Methods {
  return new Map([
    ["GET", handler],
    ["HEAD", handler],
  ]);
}

/** *handler*, for what asks something of the database. */
function limited(handler: Handler): Handler {
  return async (request, env) =>
    (await withinLimits(request, env)) ? handler(request, env) : answers.rateLimited();
}

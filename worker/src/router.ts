/** From a path and a method to what answers them. */

import * as answers from "./answers";
import { forget } from "./forget";
import { KINDS } from "./kinds";
import { takeReport } from "./report";

export interface Env {
  readonly DB: D1Database;
}

type Handler = (request: Request, env: Env) => Promise<Response>;

/** By path, then by method. Maps: a path may well be `/constructor`. */
const ROUTES: ReadonlyMap<string, ReadonlyMap<string, Handler>> = new Map([
  ...KINDS.map((kind) => post(kind.path, (request, env) => takeReport(kind, request, env.DB))),
  post("/forget", (request, env) => forget(request, env.DB)),
]);

export async function route(request: Request, env: Env): Promise<Response> {
  const methods = ROUTES.get(new URL(request.url).pathname);
  if (methods === undefined) {
    return answers.notFound();
  }
  const handler = methods.get(request.method);
  return handler === undefined
    ? answers.methodNotAllowed([...methods.keys()].join(", "))
    : handler(request, env);
}

function post(path: string, handler: Handler): [string, ReadonlyMap<string, Handler>] {
  return [path, new Map([["POST", handler]])];
}

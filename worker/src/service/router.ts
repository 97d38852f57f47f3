/** Finds the route of a request by its path and method, and applies the rate limits. */

import { options } from "../http/answers.ts";
import { isWithinLimits } from "../http/rate-limits.ts";
import type { Env } from "../kinds/env.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";
import type { Sender } from "../kinds/sender.ts";
import type { HandledRoute, Part } from "./handled-routes.ts";
import type { RoutedProject } from "./own-routes.ts";
import { listRoutes } from "./routes.ts";

/** An answer, and the path of the route that gave it, with its parameters' names; null if none did. */
export interface RoutedAnswer {
  readonly response: Response;
  readonly route: string | null;
}

type Answer = (request: IncomingRequest, env: Env, sender: Sender) => Promise<RoutedAnswer>;

/** @throws Error - if two routes take the same method and path */
export function createRouter(project: RoutedProject, parts: readonly Part[]): Answer {
  const routes = listRoutes(project, parts);
  requireNoClash(routes);
  const patterns = routes.map(({ path }) => compilePath(path));
  const { answers } = project;

  const findMatches = (path: string) =>
    routes.flatMap((route, index) => {
      const match = patterns[index]?.exec(path);
      return match ? [{ ...route, parameters: { ...match.groups } }] : [];
    });
  // Most requests have one of these paths, which need no search.
  const known = new Map(routes.map(({ path }) => [path, findMatches(path)]));

  return async (request, env, sender) => {
    const path = new URL(request.url).pathname;
    const matches = (known.get(path) ?? findMatches(path)).filter(
      ({ isServed }) => isServed?.(env) ?? true,
    );
    if (matches.length === 0) {
      return { response: answers.notFound(), route: null };
    }
    const route = matches.find(({ methods }) => methods.includes(request.method));
    if (route === undefined) {
      const allowed = matches.flatMap(({ methods }) => methods);
      const isQuestion = request.method === "OPTIONS";
      const response = isQuestion ? options(allowed) : answers.methodNotAllowed(allowed);
      return { response, route: matches[0]?.path ?? null };
    }
    const isWithin = route.use === null || (await isWithinLimits(sender, route.use, env));
    const response = isWithin
      ? await route.handler(request, env, route.parameters, sender)
      : answers.rateLimited();
    return { response, route: route.path };
  };
}

const PARAMETER = /\{(\w+)\}/g;
/** The patterns of parameters that are not just any text. */
const PATTERNS: ReadonlyMap<string, string> = new Map([
  ["month", "[0-9]{4}-[0-9]{2}"],
  ["event", "[A-Za-z0-9_]+"],
  ["uuid", "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"],
]);

/** Compile a path to a pattern with a named group for each parameter. */
const compilePath = (path: string): RegExp =>
  new RegExp(
    `^${path
      .split(PARAMETER)
      .map((part, index) =>
        index % 2 === 1 ? `(?<${part}>${PATTERNS.get(part) ?? "[^/]+"})` : RegExp.escape(part),
      )
      .join("")}$`,
  );

function requireNoClash(routes: readonly HandledRoute[]): void {
  const clashes = routes.flatMap((route, index) =>
    routes
      .slice(index + 1)
      .filter(
        (other) =>
          other.methods.some((method) => route.methods.includes(method)) &&
          mayMatchBoth(route.path, other.path),
      )
      .map((other) => `${route.path} and ${other.path}`),
  );
  if (clashes.length > 0) {
    throw new Error(`These routes take the same requests: ${clashes.join("; ")}.`);
  }
}

/** Whether a path can match both *left* and *right*, if each parameter may be anything. */
function mayMatchBoth(left: string, right: string): boolean {
  const [lefts, rights] = [left.split("/"), right.split("/")];
  return (
    lefts.length === rights.length &&
    lefts.every((part, index) => {
      const other = rights[index] ?? "";
      return part === other || compilePath(part).test(other) || compilePath(other).test(part);
    })
  );
}

/** Defines routes as the router calls them. */

import type { Env } from "../kinds/env.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";
import type { Sender } from "../kinds/sender.ts";
import type { Route, RoutedProject } from "./own-routes.ts";

export type Handler = (
  request: IncomingRequest,
  env: Env,
  parameters: Readonly<Record<string, string>>,
  sender: Sender,
) => Response | Promise<Response>;

/** A route, and the function that the router calls. */
export interface HandledRoute extends Omit<Route, "answer"> {
  readonly handler: Handler;
  /** Whether its path exists; without this function, it does. */
  readonly isServed?: (env: Env) => boolean;
}

/** A part of a receiver beside the engine. */
export type Part = (project: RoutedProject) => readonly HandledRoute[];

/** Take a GET. The runtime removes the body from the answer to HEAD. */
export const get = (path: string, use: Route["use"], handler: Handler): HandledRoute => ({
  methods: ["GET", "HEAD"],
  path,
  use,
  handler,
});

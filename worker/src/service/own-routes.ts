/** Defines the routes that a project has beyond those that every project has. */

import type { Env } from "../kinds/env.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";
import type { Project } from "../kinds/project.ts";
import type { Edition } from "../statistics/edition.ts";

/** What a project's own route can do. */
export interface RouteContext {
  readonly request: IncomingRequest;
  readonly parameters: Readonly<Record<string, string>>;
  readonly env: Env;
  /** Read the published numbers of a period, of the default period without one; null if there are none. */
  readonly readEdition: (period?: string) => Promise<Edition | null>;
  /** Delete everything about an installation. Null: *id* cannot be an ID; else the number of reports. */
  readonly forget: (id: string) => Promise<number | null>;
}

export interface Route {
  readonly methods: readonly string[];
  /** May contain parameters: `/installation/{id}`. */
  readonly path: string;
  /** The rate limits that apply; null if the route does not use the database. */
  readonly use: "read" | "write" | null;
  readonly answer: (context: RouteContext) => Response | Promise<Response>;
  /** Its OpenAPI operation. */
  readonly operation?: object;
}

/** A project with its own routes: all that a receiver needs to know. */
export interface RoutedProject extends Project {
  readonly routes: readonly Route[];
}

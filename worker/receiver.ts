/** The package `usage-receiver/receiver`: the engine and the parts beside it, for any runtime. */

import { listDescriptionRoutes } from "./openapi/routes.ts";
import { listOperatorRoutes } from "./operator/routes.ts";
import { listSiteRoutes } from "./site/routes.ts";
import { runDaily } from "./src/daily/run.ts";
import type { Env } from "./src/kinds/env.ts";
import type { IncomingRequest } from "./src/kinds/incoming-request.ts";
import type { Sender } from "./src/kinds/sender.ts";
import type { Part } from "./src/service/handled-routes.ts";
import type { RoutedProject } from "./src/service/own-routes.ts";
import { createRouter, type RoutedAnswer } from "./src/service/router.ts";

/** What a receiver serves in addition to its engine. */
export const PARTS: readonly Part[] = [listSiteRoutes, listDescriptionRoutes, listOperatorRoutes];

/** A project's receiver, which a runtime calls. */
export interface Receiver {
  readonly project: RoutedProject;
  /** Answer *request*, which *sender* has sent. */
  answer(request: IncomingRequest, env: Env, sender: Sender): Promise<RoutedAnswer>;
  /**
   * Count and purge, as a runtime does once a day.
   *
   * @param due - when the run was due
   * @returns lines on what was done
   * @throws Error - if any part fails
   */
  runDaily(env: Env, due: Date): Promise<readonly string[]>;
}

/** @throws Error - if two routes of *project* take the same requests */
export const createReceiver = (project: RoutedProject): Receiver => ({
  project,
  answer: createRouter(project, PARTS),
  runDaily: (env, due) => runDaily(project, env, due),
});

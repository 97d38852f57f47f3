/** The package `usage-receiver/cloudflare`: the engine and the parts beside it, as a Worker. */

import { listDescriptionRoutes } from "./openapi/routes.ts";
import { listOperatorRoutes } from "./operator/routes.ts";
import { listSiteRoutes } from "./site/routes.ts";
import { runDaily } from "./src/daily/run.ts";
import type { Env } from "./src/kinds/env.ts";
import type { Part } from "./src/service/handled-routes.ts";
import type { RoutedProject } from "./src/service/own-routes.ts";
import { createRouter } from "./src/service/router.ts";

/** What a receiver serves in addition to its engine. */
export const PARTS: readonly Part[] = [listSiteRoutes, listDescriptionRoutes, listOperatorRoutes];

/** The functions that Cloudflare calls. */
export interface Worker {
  fetch(request: Request, env: Env): Promise<Response>;
  scheduled(controller: ScheduledController, env: Env): Promise<void>;
}

/**
 * Create a project's Worker: it answers requests, and counts and purges once a day.
 *
 * Only the entry point of a project imports this module: a style sheet needs a bundler.
 */
export function createWorker(project: RoutedProject): Worker {
  return {
    fetch: createRouter(project, PARTS),
    scheduled: async (controller, env) => {
      await runDaily(project, env, new Date(controller.scheduledTime));
    },
  };
}

/** The package `usage-receiver/cloudflare`: the engine, its pages and its API, as a Worker. */

import { buildOpenApi } from "./openapi/document.ts";
import { pages } from "./pages/index.ts";
import { runDaily } from "./src/daily/run.ts";
import type { Env } from "./src/kinds/env.ts";
import type { RoutedProject } from "./src/service/own-routes.ts";
import { createRouter } from "./src/service/router.ts";

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
    fetch: createRouter(project, { pages, buildOpenApi }),
    scheduled: async (controller, env) => {
      await runDaily(project, env, new Date(controller.scheduledTime));
    },
  };
}

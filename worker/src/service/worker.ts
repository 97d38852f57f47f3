/** Creates a project's Worker: it answers requests, and counts and purges once a day. */

import { runDaily } from "../daily/run.ts";
import type { Env } from "../kinds/env.ts";
import type { RoutedProject } from "./own-routes.ts";
import { createRouter } from "./router.ts";
import type { WorkerParts } from "./routes.ts";

/** The functions that Cloudflare calls. */
export interface Worker {
  fetch(request: Request, env: Env): Promise<Response>;
  scheduled(controller: ScheduledController, env: Env): Promise<void>;
}

export function createWorker(project: RoutedProject, parts: WorkerParts): Worker {
  return {
    fetch: createRouter(project, parts),
    scheduled: async (controller, env) => {
      await runDaily(project, env, new Date(controller.scheduledTime));
    },
  };
}

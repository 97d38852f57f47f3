/** Creates a project's Worker: it answers requests, and counts and purges once a day. */

import { runDaily } from "../daily/run.ts";
import type { Project } from "../kinds/project.ts";
import type { Env } from "./env.ts";
import { createRouter, type TextFiles } from "./routes.ts";

/** The functions that Cloudflare calls. */
export interface Worker {
  fetch(request: Request, env: Env): Promise<Response>;
  scheduled(controller: ScheduledController, env: Env): Promise<void>;
}

export function createWorker(project: Project, files: TextFiles): Worker {
  return {
    fetch: createRouter(project, files),
    scheduled: (controller, { DB, RETENTION_DAYS }) =>
      runDaily(project, DB, RETENTION_DAYS, new Date(controller.scheduledTime)),
  };
}

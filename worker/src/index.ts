/** The Worker: accepts usage reports, at most one per installation in seven days. */

import type { Env } from "./env";
import { purgeAll } from "./purge";
import { route } from "./router";

export default {
  fetch: (request, env) => route(request, env),
  scheduled: (controller, env) => purgeAll(env, new Date(controller.scheduledTime)),
} satisfies ExportedHandler<Env>;

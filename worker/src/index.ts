/** The Worker: accepts usage reports, at most one per installation in seven days. */

import { daily } from "./daily";
import type { Env } from "./env";
import { route } from "./router";

export default {
  fetch: (request, env) => route(request, env),
  scheduled: (controller, env) => daily(env, new Date(controller.scheduledTime)),
} satisfies ExportedHandler<Env>;

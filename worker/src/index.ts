/** The Worker: accepts usage reports, at most one per installation in seven days. */

import { route, type Env } from "./router";

export default {
  fetch: (request, env) => route(request, env),
} satisfies ExportedHandler<Env>;

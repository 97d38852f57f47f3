/**
 * The Worker as it is, and a test's hold on it. `Test-Clock` in a request sets the
 * time (milliseconds); `D1-Trips` in the answer tells what D1 made of each statement
 * of each round trip. `Test-Limiter` breaks the limiter. A cron's name is the retention, as JSON; it logs its trips.
 */

import worker from "../../worker/src/index";
import type { Env } from "../../worker/src/env";

const RealDate = Date;
const BROKEN: RateLimit = {
  limit: ({ key }) => Promise.reject(new Error(`cannot count ${key}`)),
};

export default {
  async fetch(request, env) {
    const time = request.headers.get("Test-Clock");
    globalThis.Date = time === null ? RealDate : clockAt(Number(time));
    const trips: D1Meta[][] = [];
    const answer = await worker.fetch(request, {
      ...env,
      ...(request.headers.has("Test-Limiter") && { LIMIT_ADDRESS: BROKEN }),
      DB: observed(env.DB, trips),
    });
    const told = new Response(answer.body, answer);
    told.headers.set("D1-Trips", JSON.stringify(trips));
    return told;
  },
  async scheduled(controller, env) {
    const trips: D1Meta[][] = [];
    const RETENTION_DAYS = JSON.parse(controller.cron || String(env.RETENTION_DAYS));
    await worker.scheduled(controller, { ...env, DB: observed(env.DB, trips), RETENTION_DAYS });
    console.log(JSON.stringify(trips));
  },
} satisfies ExportedHandler<Env>;

function clockAt(time: number): DateConstructor {
  return new Proxy(RealDate, {
    construct: (real, given) => (given.length ? Reflect.construct(real, given) : new real(time)),
  });
}

/** *db*, keeping in *trips* what it says of itself. A test needs batches only. */
function observed(db: D1Database, trips: D1Meta[][]): D1Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === "batch") {
        return async (statements: D1PreparedStatement[]) => {
          const results = await target.batch(statements);
          trips.push(results.map(({ meta }) => meta));
          return results;
        };
      }
      const own: unknown = Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}

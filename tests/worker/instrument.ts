/**
 * Adds to a Worker what tests need to control and measure it.
 *
 * - Request header `Test-Clock`: the time, in milliseconds.
 * - Request header `Test-Limiter`: makes the rate limiter fail.
 * - Response header `D1-Trips`: D1's metadata of each statement of each round trip, as JSON.
 * - A cron's name: the retention, as JSON. The cron logs its round trips in the same form.
 */

import type { Env } from "../../worker/src/kinds/env.ts";
import type { Worker } from "../../worker/cloudflare.ts";

const RealDate = Date;
const BROKEN: RateLimit = {
  limit: ({ key }) => Promise.reject(new Error(`cannot count ${key}`)),
};

export const instrument = (worker: Worker) =>
  ({
    async fetch(request, env) {
      const time = request.headers.get("Test-Clock");
      globalThis.Date = time === null ? RealDate : clockAt(Number(time));
      const trips: D1Meta[][] = [];
      const response = await worker.fetch(request, {
        ...env,
        ...(request.headers.has("Test-Limiter") && {
          LIMIT_ADDRESS: BROKEN,
          LIMIT_INSTALLATION: BROKEN,
        }),
        DB: recording(env.DB, trips),
      });
      const measured = new Response(response.body, response);
      measured.headers.set("D1-Trips", JSON.stringify(trips));
      return measured;
    },
    async scheduled(controller, env) {
      const trips: D1Meta[][] = [];
      const RETENTION_DAYS =
        controller.cron === "" ? env.RETENTION_DAYS : JSON.parse(controller.cron);
      await worker.scheduled(controller, { ...env, DB: recording(env.DB, trips), RETENTION_DAYS });
      console.log(JSON.stringify(trips));
    },
  }) satisfies ExportedHandler<Env>;

function clockAt(time: number): DateConstructor {
  return new Proxy(RealDate, {
    construct: (real, args) => (args.length ? Reflect.construct(real, args) : new real(time)),
  });
}

/** Wraps *db* so that the metadata of each batch is added to *trips*. */
function recording(db: D1Database, trips: D1Meta[][]): D1Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === "batch") {
        return async (statements: D1PreparedStatement[]) => {
          const results = await target.batch(statements);
          trips.push(results.map(({ meta }) => meta));
          return results;
        };
      }
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

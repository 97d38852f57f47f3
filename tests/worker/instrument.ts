/**
 * Adds to a receiver what tests need to control and measure it.
 *
 * - Request header `Test-Clock`: the time of the request, in milliseconds.
 * - Request header `Test-Limiter`: makes the rate limiter fail.
 * - Response header `Round-Trips`: the metadata of each statement of each round trip, as JSON.
 * - Variable `TEST_CRON`: the retention, as JSON. The run logs its round trips in the same form.
 */

import { toWorker, type Worker } from "../../worker/cloudflare.ts";
import type { Receiver } from "../../worker/receiver.ts";
import type { Database, Result } from "../../worker/src/kinds/database.ts";
import type { Limiter } from "../../worker/src/kinds/env.ts";

type Trips = Result["meta"][][];

const RealDate = Date;
const BROKEN: Limiter = {
  limit: ({ key }) => Promise.reject(new Error(`cannot count ${key}`)),
};

export const instrument = (receiver: Receiver): Receiver => ({
  ...receiver,
  async answer(request, env, sender) {
    const time = request.headers.get("Test-Clock");
    globalThis.Date = time === null ? RealDate : clockAt(Number(time));
    const trips: Trips = [];
    const breaksLimiter = request.headers.get("Test-Limiter") !== null;
    const measuredEnv = {
      ...env,
      ...(breaksLimiter && { LIMIT_ADDRESS: BROKEN, LIMIT_INSTALLATION: BROKEN }),
      DB: recording(env.DB, trips),
    };
    const { response, route } = await receiver.answer(request, measuredEnv, sender);
    const measured = new Response(response.body, response);
    measured.headers.set("Round-Trips", JSON.stringify(trips));
    return { response: measured, route };
  },
  async runDaily(env, due) {
    globalThis.Date = RealDate;
    const trips: Trips = [];
    const cron = env["TEST_CRON"];
    const measuredEnv = {
      ...env,
      ...(typeof cron === "string" && cron !== "" && { RETENTION_DAYS: JSON.parse(cron) }),
      DB: recording(env.DB, trips),
    };
    const lines = await receiver.runDaily(measuredEnv, due);
    console.log(JSON.stringify(trips));
    return lines;
  },
});

/** Run *receiver* as a Worker that gives it the cron's name as the variable `TEST_CRON`. */
export const toTestWorker = (receiver: Receiver): Worker => {
  const worker = toWorker(receiver);
  return {
    ...worker,
    scheduled: (controller, env) =>
      worker.scheduled(controller, { ...env, TEST_CRON: controller.cron }),
  };
};

function clockAt(time: number): DateConstructor {
  return new Proxy(RealDate, {
    construct: (real, args) => (args.length ? Reflect.construct(real, args) : new real(time)),
  });
}

/** Wraps *db* so that the metadata of each batch is added to *trips*. */
const recording = (db: Database, trips: Trips): Database => ({
  prepare: (sql) => db.prepare(sql),
  async batch<T>(statements: Parameters<Database["batch"]>[0]) {
    const results = await db.batch<T>(statements);
    trips.push(results.map(({ meta }) => meta));
    return results;
  },
});

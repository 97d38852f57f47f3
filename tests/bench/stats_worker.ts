/**
 * Runs the Worker, and answers with D1's metadata for each statement instead.
 *
 * `/run?due=...` runs the daily count that is due at that time; `/query` runs the body as SQL.
 */

import { project } from "../../projects/paperless-ngx/project.ts";
import worker from "../../projects/paperless-ngx/worker.ts";
import { countReports } from "../../worker/src/daily/count.ts";
import type { Env } from "../../worker/src/kinds/env.ts";

const DAYS = 366;

export default {
  async fetch(request, env) {
    const statements: D1Meta[] = [];
    const db = record(env.DB, statements);
    const url = new URL(request.url);
    let answer = new Response();
    if (url.pathname === "/run") {
      const due = new Date(url.searchParams.get("due") ?? "");
      const since = new Date(due.getTime() - DAYS * 86_400_000);
      await countReports(project.counted, db, due, { days: DAYS, since }, console.log);
    } else if (url.pathname === "/query") {
      await db.batch([db.prepare(await request.text())]);
    } else {
      answer = await worker.fetch(request, { ...env, DB: db });
    }
    const bytes = (await answer.arrayBuffer()).byteLength;
    return Response.json({ status: answer.status, bytes, statements });
  },
} satisfies ExportedHandler<Env>;

function record(db: D1Database, metadata: D1Meta[]): D1Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === "batch") {
        return async (statements: D1PreparedStatement[]) => {
          const results = await target.batch(statements);
          metadata.push(...results.map(({ meta }) => meta));
          return results;
        };
      }
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

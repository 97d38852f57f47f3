/**
 * Runs the Worker, and answers with D1's metadata for each statement instead.
 *
 * `/run?due=...` runs the daily count that is due at that time; `/query` runs the body as SQL.
 */

import { project } from "../../projects/paperless-ngx/project.ts";
import worker from "../../projects/paperless-ngx/worker.ts";
import { countReports } from "../../worker/src/daily/count.ts";
import type { Database } from "../../worker/src/kinds/database.ts";
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

const record = (db: Database, metadata: D1Meta[]): Database => ({
  prepare: (sql) => db.prepare(sql),
  async batch<T>(statements: Parameters<Database["batch"]>[0]) {
    const results = await db.batch<T>(statements);
    metadata.push(...results.map(({ meta }) => meta as D1Meta));
    return results;
  },
});

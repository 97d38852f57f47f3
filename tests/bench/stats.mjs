/**
 * Fills a database with reports, then measures the daily count, the statistics and raw queries.
 *
 * The one argument is JSON: the worker for createTestHarness, the numbers of reports and
 * installations, and the rounds. Prints the measurements as JSON; stats.py documents them.
 */

import { createTestHarness } from "../../worker/node_modules/wrangler/wrangler-dist/cli.js";

const { worker, reports, installs, rounds } = JSON.parse(process.argv[2]);
// A Sunday, on which an edition is due, and the one before.
const DUE = "2026-05-17T03:17:00.000Z";
const WEEK_BEFORE = "2026-05-10T03:17:00.000Z";
const CHUNK = 250_000;
// The spec's "useful queries". `commit` is quoted, because it is an SQL keyword.
const RAW_QUERIES = {
  betas: "SELECT COUNT(DISTINCT uuid) FROM reports WHERE channel = 'beta'",
  ...Object.fromEntries(
    ["commit", "arch", "install_type", "database"].map((field) => [
      field,
      `SELECT "${field}", COUNT(DISTINCT uuid) AS installs FROM reports
       ${field === "commit" ? "WHERE channel = 'beta'" : ""} GROUP BY "${field}" ORDER BY installs DESC`,
    ]),
  ),
};

const addUp = (statements, key) => statements.reduce((sum, statement) => sum + statement[key], 0);

// Only the measurements go to standard output.
console.log = console.info = console.debug = console.error;
const server = createTestHarness({
  root: process.cwd(),
  workers: [worker],
});

/** Builds SQL that adds reports number *first* to *last*; numbers grow with time, for a year. */
const buildInsert = (first, last) => `
  INSERT INTO reports (received, uuid, version, channel, "commit", install_type, arch, python,
    database, doc_bucket, multi_user, feature_mail, feature_ai)
  WITH RECURSIVE n (i, r) AS (
    SELECT ${first}, abs(random()) UNION ALL SELECT i + 1, abs(random()) FROM n WHERE i < ${last})
  SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', '${DUE}', '-' || CAST((1 - i * 1.0 / ${reports}) * 31535000 AS INTEGER) || ' seconds'),
    -- Hashed, because real IDs do not arrive in order.
    printf('%08x', i % ${installs} * 2654435761 % 4294967296) || printf('%024x', i % ${installs}),
    '2.' || (i * 20 / ${reports}) || '.' || min(r % 6, r / 7 % 6),
    CASE r % 20 WHEN 0 THEN 'beta' WHEN 1 THEN 'dev' ELSE 'stable' END,
    printf('%09x', i * 100 / ${reports} * 7919),
    CASE r / 3 % 10 WHEN 0 THEN 'kubernetes' WHEN 1 THEN 'source' WHEN 2 THEN 'debian' ELSE 'docker' END,
    CASE r / 5 % 10 WHEN 0 THEN 'aarch64' WHEN 1 THEN 'armv7l' ELSE 'x86_64' END,
    '3.' || (11 + r / 11 % 3) || '.' || (i * 10 / ${reports}),
    CASE r / 13 % 8 WHEN 0 THEN 'sqlite3' WHEN 1 THEN 'mysql' ELSE 'postgresql' END,
    CASE r / 17 % 5 WHEN 0 THEN '0-99' WHEN 1 THEN '100-999' WHEN 2 THEN '10000-49999' ELSE '1000-9999' END,
    r / 19 % 2, r / 23 % 2, r / 29 % 2
  FROM n`;

try {
  const { url } = await server.listen();
  const running = server.getWorker();
  await running.applyD1Migrations("DB");
  const { DB } = await running.getEnv();
  for (let first = 0; first < reports; first += CHUNK) {
    await DB.prepare(buildInsert(first, Math.min(first + CHUNK, reports) - 1)).run();
  }
  // The latest reports, as the receiver would have stored them. A quarter of the IDs at a time keeps
  // each statement within D1's time limit.
  for (const [from, to] of [
    ["", "4"],
    ["4", "8"],
    ["8", "c"],
    ["c", "g"],
  ]) {
    await DB.prepare(
      `INSERT INTO installations
       SELECT uuid, MAX(received), version, channel, "commit", install_type, arch, python, database,
         doc_bucket, multi_user, feature_mail, feature_ai, NULL, 0
       FROM reports WHERE uuid >= ?1 AND uuid < ?2 GROUP BY uuid`,
    )
      .bind(from, to)
      .run();
  }

  const request = async (path, init) => {
    const started = performance.now();
    try {
      const answer = await fetch(new URL(path, url), init);
      const result = answer.ok
        ? await answer.json()
        : { failed: (await answer.text()).slice(0, 200) };
      return { ...result, wall: performance.now() - started };
    } catch (error) {
      // The runtime stops a Worker that uses too much time or memory.
      return { failed: String(error.cause ?? error) };
    }
  };

  // Measure the second of two editions, with all closed months counted: an ordinary Sunday.
  await DB.prepare(
    `INSERT INTO publications (period, as_of, counted_until, body)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
     SELECT strftime('%Y-%m', '${DUE}', 'start of month', '-' || i || ' months'), '${DUE}', '${DUE}', ''
     FROM n`,
  ).run();
  await request(`/run?due=${WEEK_BEFORE}`);
  const run = await request(`/run?due=${DUE}`);
  if (run.failed) throw new Error(run.failed);
  // Give the closed months publications as large as those of a year of runs.
  await DB.prepare(
    `UPDATE publications SET body = (SELECT body FROM publications WHERE period = '365d') WHERE body = ''`,
  ).run();
  const views = {};
  const measure = async (name, path, init, times) => {
    const answers = [];
    for (let round = 0; round < times; round += 1) answers.push(await request(path, init));
    const failed = answers.find((answer) => answer.failed)?.failed;
    views[name] = failed
      ? { failed }
      : {
          read: addUp(answers[0].statements, "rows_read"),
          ms: answers.map(({ wall }) => wall),
          bytes: answers[0].bytes,
        };
  };
  await measure("`/stats`", "/stats", {}, rounds);
  await measure("the page", "/", {}, rounds);
  for (const [name, sql] of Object.entries(RAW_QUERIES)) {
    await measure(`raw: ${name}`, "/query", { method: "POST", body: sql }, Math.min(rounds, 2));
  }
  const rollup = {
    read: addUp(run.statements, "rows_read"),
    written: addUp(run.statements, "rows_written"),
    ms: run.statements.map(({ duration }) => duration),
    wall: run.wall,
  };
  process.stdout.write(JSON.stringify({ views, rollup }));
} finally {
  await server.close();
}

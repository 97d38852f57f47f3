/** Serves the operator's view: counters, active installations and the daily run, behind a secret. */

import { runDaily } from "../src/daily/run.ts";
import { invalidRequest, jsonAnswer, unauthorized } from "../src/http/answers.ts";
import { answerFailure } from "../src/http/database-failure.ts";
import { isWithinLimits } from "../src/http/rate-limits.ts";
import { hasOperator, isOperator } from "../src/http/secret.ts";
import type { Env } from "../src/kinds/env.ts";
import type { IncomingRequest } from "../src/kinds/incoming-request.ts";
import type { Project } from "../src/kinds/project.ts";
import { CSV_TYPE, toSheet } from "../site/json-and-csv.ts";
import { InvalidQueryError, parseCounterQuery, readDays } from "./counter-query.ts";
import { ACTIVITY_COLUMNS, readActivity } from "../src/store/activity.ts";
import { listSumNames, sumCounters } from "./counter-sums.ts";
import type { HandledRoute } from "../src/service/handled-routes.ts";

const DEFAULT_DAYS = 366;

/** Rows, and the names of their columns. */
interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string | number | null>>[];
}

type Read = (query: URLSearchParams, env: Env) => Promise<Table>;

/** The paths do not exist unless the operator has set a secret. */
export function listOperatorRoutes(project: Project): readonly HandledRoute[] {
  const { counted, kinds } = project;
  const counters = kinds.flatMap((kind) => kind.counters ?? []);
  const readInstallations: Read = async (query, env) => ({
    columns: ACTIVITY_COLUMNS,
    rows: await readActivity(env.DB, counted, readDays(query, new Date(), DEFAULT_DAYS)),
  });
  const readCounters: Read = async (query, env) => {
    const parsed = parseCounterQuery(counters, query, new Date());
    return { columns: listSumNames(parsed), rows: await sumCounters(env.DB, parsed) };
  };
  return [
    ...listTableRoutes(project, "/operator/installations", readInstallations),
    ...(counters.length > 0 ? listTableRoutes(project, "/operator/counters", readCounters) : []),
    guard(project, ["POST"], "/operator/count", (_, env) => runNow(project, env)),
  ];
}

/** Serve a table as JSON, and with `.csv` as CSV. */
const listTableRoutes = (project: Project, path: string, read: Read): readonly HandledRoute[] =>
  [
    { suffix: "", write: ({ rows }: Table) => jsonAnswer(200, rows) },
    { suffix: ".csv", write: answerCsv },
  ].map(({ suffix, write }) =>
    guard(project, ["GET", "HEAD"], `${path}${suffix}`, async (request, env) => {
      try {
        return write(await read(new URL(request.url).searchParams, env));
      } catch (error) {
        if (error instanceof InvalidQueryError) {
          return invalidRequest(error.message);
        }
        throw error;
      }
    }),
  );

const answerCsv = ({ columns, rows }: Table): Response =>
  new Response(
    toSheet(
      columns,
      rows.map((row) => columns.map((name) => row[name] ?? null)),
    ),
    { headers: { "Content-Type": CSV_TYPE, "X-Content-Type-Options": "nosniff" } },
  );

/** Run what runs once a day. An operator may read why it failed: no message has the secret. */
async function runNow(project: Project, env: Env): Promise<Response> {
  try {
    return jsonAnswer(200, { done: await runDaily(project, env, new Date()) });
  } catch (error) {
    return jsonAnswer(503, { error: "failed", detail: String(error) });
  }
}

/** Let only the operator through. A request without a valid secret counts for its sender's limit. */
const guard = (
  { answers }: Project,
  methods: readonly string[],
  path: string,
  answer: (request: IncomingRequest, env: Env) => Promise<Response>,
): HandledRoute => ({
  methods,
  path,
  use: null,
  isServed: hasOperator,
  handler: async (request, env, _, sender) => {
    if (isOperator(request, env)) {
      return forbidCaching(
        await answerFailure("operator", answers.unavailable, () => answer(request, env)),
      );
    }
    const isWithin = await isWithinLimits(sender, "operator", env);
    return forbidCaching(isWithin ? unauthorized() : answers.rateLimited());
  },
});

function forbidCaching(answer: Response): Response {
  const copy = new Response(answer.body, answer);
  copy.headers.set("Cache-Control", "no-store");
  return copy;
}

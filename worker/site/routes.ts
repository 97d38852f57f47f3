/** Serves what is published, as pages, JSON, CSV and a badge. */

import { ANY_ORIGIN, invalidRequest, unknownPeriod } from "../src/http/answers.ts";
import { answerFailure } from "../src/http/database-failure.ts";
import { servePage, serveWithETag } from "../src/http/documents.ts";
import { findRetentionDays } from "../src/daily/retention.ts";
import type { Env } from "../src/kinds/env.ts";
import type { IncomingRequest } from "../src/kinds/incoming-request.ts";
import type { Project } from "../src/kinds/project.ts";
import { readEdition } from "../src/service/editions.ts";
import { get, type HandledRoute, type Part } from "../src/service/handled-routes.ts";
import { parseMonth, type Edition, type MonthlySummary } from "../src/statistics/edition.ts";
import { isMonth, listWindowNames, publishesMonths } from "../src/statistics/periods.ts";
import { readPublications } from "../src/store/publications.ts";
import { readWeeks } from "../src/store/weekly-editions.ts";
import { parseBadgeQuery, renderBadge } from "./badge.ts";
import { renderFieldsPage } from "./fields-page.ts";
import { CSV_TYPE, toCsv, toJson, toWeeksCsv } from "./json-and-csv.ts";
import { listMonths, listWeeks } from "./over-time.ts";
import style from "./page.css";
import { renderStatisticsPage } from "./statistics-page.ts";
import { listWeekRows, TOTAL, type WeekRow } from "./weeks.ts";

export const listSiteRoutes: Part = (project) => {
  const { paths } = project;
  const read = (path: string, answer: Answer): HandledRoute =>
    get(path, "read", (request, env, parameters) => answer(project, request, env, parameters));
  return [
    read(paths.page, answerPage),
    read(paths.json, answerJson),
    read(paths.csv, answerCsv),
    read(paths.badge, answerBadge),
    read(paths.months, answerMonth),
    read(
      paths.weeks,
      answerWeeks((rows) => JSON.stringify(rows), JSON_TYPE),
    ),
    read(paths.weeksCsv, answerWeeks(toWeeksCsv, CSV_TYPE)),
    get(paths.fields, null, (request, env) =>
      servePage(request, renderFieldsPage(project, env.RETENTION_DAYS), style),
    ),
  ];
};

type Answer = (
  project: Project,
  request: IncomingRequest,
  env: Env,
  parameters: Readonly<Record<string, string>>,
) => Promise<Response>;

const JSON_TYPE = "application/json";
/** How many months or weeks the page draws. */
const MOST_COLUMNS = 12;

const answerJson: Answer = (project, request, env) =>
  answerEdition(project, readPeriod(request), env, (edition) =>
    serveWithETag(request, toJson(edition), JSON_TYPE),
  );

const answerCsv: Answer = (project, request, env) =>
  answerEdition(project, readPeriod(request), env, (edition) =>
    serveWithETag(request, toCsv(edition), CSV_TYPE),
  );

/** Answer with a month as JSON, at a path that can be saved as a file. */
const answerMonth: Answer = (project, request, env, { month = "" }) =>
  answerEdition(project, isMonth(month) ? month : null, env, (edition) =>
    serveWithETag(request, toJson(edition), JSON_TYPE),
  );

/** Answer with the numbers of every week, or with those of the field that `?field` names. */
const answerWeeks =
  (write: (rows: readonly WeekRow[]) => string, type: string): Answer =>
  (project, request, env) => {
    const names = [TOTAL, ...project.counted.published.map(({ name }) => name)];
    const [field = null, ...more] = new URL(request.url).searchParams.getAll("field");
    if (more.length > 0 || (field !== null && !names.includes(field))) {
      const problem = `Use at most one of these fields: ${names.join(", ")}.`;
      return Promise.resolve(invalidRequest(problem, ANY_ORIGIN));
    }
    return answerFailure("statistics", project.answers.unavailable, async () => {
      const rows = listWeekRows(await readWeeks(env.DB, project.counted), field);
      return serveWithETag(request, write(rows), type);
    });
  };

const answerPage: Answer = (project, request, env) =>
  answerEdition(project, readPeriod(request), env, async (edition) => {
    const days = findRetentionDays(project.counted, env);
    const timeLine = publishesMonths(days)
      ? listMonths(project.paths.page, await readMonths(project, env, edition))
      : listWeeks(await readWeeks(env.DB, project.counted, MOST_COLUMNS));
    const html = renderStatisticsPage(project, edition, timeLine, listWindowNames(days));
    return servePage(request, html, style);
  });

async function readMonths(
  { counted }: Project,
  env: Env,
  { periods }: Edition,
): Promise<readonly MonthlySummary[]> {
  const names = periods.filter(isMonth).toSorted().slice(-MOST_COLUMNS);
  const { publications } = await readPublications(env.DB, counted, names);
  return names.flatMap((name) => publications.get(name) ?? []).map(parseMonth);
}

const answerBadge: Answer = async (project, request, env) => {
  const query = parseBadgeQuery(project.counted, new URL(request.url).searchParams);
  return query.ok
    ? answerEdition(project, undefined, env, (edition) =>
        serveWithETag(request, renderBadge(edition, query.cell), JSON_TYPE),
      )
    : invalidRequest(query.problem, ANY_ORIGIN);
};

/** @param period - undefined for the default; null if the request names more than one */
function answerEdition(
  project: Project,
  period: string | null | undefined,
  env: Env,
  answer: (edition: Edition) => Promise<Response>,
): Promise<Response> {
  return answerFailure("statistics", project.answers.unavailable, async () => {
    const edition = period === null ? null : await readEdition(project, env, period);
    return edition === null ? unknownPeriod(project.paths.json) : answer(edition);
  });
}

/** Read `?period`; undefined if a request has none, null if it has more than one. */
function readPeriod(request: IncomingRequest): string | null | undefined {
  const [period, ...more] = new URL(request.url).searchParams.getAll("period");
  return more.length === 0 ? period : null;
}

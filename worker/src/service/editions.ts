/** Answers requests for an edition of the statistics: as JSON, CSV, a badge or a page. */

import { ANY_ORIGIN, invalidRequest, unknownPeriod } from "../http/answers.ts";
import { answerFailure } from "../http/database-failure.ts";
import { servePage, serveWithETag } from "../http/documents.ts";
import { findRetentionDays } from "../daily/retention.ts";
import type { Env } from "../kinds/env.ts";
import type { Project } from "../kinds/project.ts";
import { parseBadgeQuery, renderBadge } from "../publish/badge.ts";
import { buildEdition, buildRules, parseMonth, type Edition } from "../publish/edition.ts";
import { toCsv, toJson, toWeeksCsv } from "../publish/json-and-csv.ts";
import type { Pages } from "../publish/pages.ts";
import { listWeekRows, TOTAL, type WeekRow } from "../publish/weeks.ts";
import { findDefaultPeriod, isMonth, isPeriod, listWindowNames } from "../statistics/periods.ts";
import { readPublications } from "../store/publications.ts";
import { readWeeks } from "../store/weekly-editions.ts";

type Answer = (project: Project, request: Request, env: Env) => Promise<Response>;

const JSON_TYPE = "application/json";
export const CSV_TYPE = "text/csv; charset=utf-8; header=present";
/** How many months the page draws. */
const MOST_MONTHS = 12;

export const answerJson: Answer = (project, request, env) =>
  answerEdition(project, readPeriod(request), env, (edition) =>
    serveWithETag(request, toJson(edition), JSON_TYPE),
  );

export const answerCsv: Answer = (project, request, env) =>
  answerEdition(project, readPeriod(request), env, (edition) =>
    serveWithETag(request, toCsv(edition), CSV_TYPE),
  );

/** Answer with a month as JSON, at a path that can be saved as a file. */
export const answerMonth = (
  project: Project,
  month: string,
  request: Request,
  env: Env,
): Promise<Response> =>
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

export const answerWeeksJson = answerWeeks(JSON.stringify, JSON_TYPE);
export const answerWeeksCsv = answerWeeks(toWeeksCsv, CSV_TYPE);

export const answerPage = (
  project: Project,
  pages: Pages,
  request: Request,
  env: Env,
): Promise<Response> =>
  answerEdition(project, readPeriod(request), env, async (edition) => {
    const names = edition.periods.filter(isMonth).toSorted().slice(-MOST_MONTHS);
    const { publications } = await readPublications(env.DB, project.counted, names);
    const windows = listWindowNames(findRetentionDays(project.counted, env));
    const months = names.flatMap((name) => publications.get(name) ?? []).map(parseMonth);
    return servePage(
      request,
      pages.renderStatistics(project, edition, months, windows),
      pages.style,
    );
  });

export const answerBadge: Answer = async (project, request, env) => {
  const query = parseBadgeQuery(project.counted, new URL(request.url).searchParams);
  return query.ok
    ? answerEdition(project, undefined, env, (edition) =>
        serveWithETag(request, renderBadge(edition, query.cell), JSON_TYPE),
      )
    : invalidRequest(query.problem, ANY_ORIGIN);
};

/**
 * Read the edition of *period*, or of the default period; null if there is none.
 *
 * @throws Error - if D1 fails
 */
export async function readEdition(
  { counted, texts }: Project,
  env: Env,
  name?: string,
): Promise<Edition | null> {
  const days = findRetentionDays(counted, env);
  const period = name ?? findDefaultPeriod(days);
  if (!isPeriod(period, days)) {
    return null;
  }
  const { publications, available } = await readPublications(env.DB, counted, [period]);
  const periods = available.filter((it) => isPeriod(it, days));
  const rules = buildRules(texts.counted);
  return buildEdition(counted, rules, period, publications.get(period), periods);
}

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
function readPeriod(request: Request): string | null | undefined {
  const [period, ...more] = new URL(request.url).searchParams.getAll("period");
  return more.length === 0 ? period : null;
}

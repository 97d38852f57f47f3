/** Answers requests for an edition of the statistics: as JSON, CSV, a badge or a page. */

import { ANY_ORIGIN, invalidRequest, unknownPeriod } from "../http/answers.ts";
import { answerFailure } from "../http/database-failure.ts";
import { servePage, serveWithETag } from "../http/documents.ts";
import type { Project } from "../kinds/project.ts";
import { parseBadgeQuery, renderBadge } from "../publish/badge.ts";
import { buildEdition, buildRules, parseMonth, type Edition } from "../publish/edition.ts";
import { toCsv, toJson } from "../publish/json-and-csv.ts";
import { MOST_MONTHS, renderPage } from "../publish/page.ts";
import { DEFAULT_PERIOD, isMonth, isPeriod } from "../statistics/periods.ts";
import { readPublications } from "../store/publications.ts";

type Answer = (project: Project, request: Request, db: D1Database) => Promise<Response>;

const JSON_TYPE = "application/json";

export const answerJson: Answer = (project, request, db) =>
  answerEdition(project, readPeriod(request), db, (edition) =>
    serveWithETag(request, toJson(edition), JSON_TYPE),
  );

export const answerCsv: Answer = (project, request, db) =>
  answerEdition(project, readPeriod(request), db, (edition) =>
    serveWithETag(request, toCsv(edition), "text/csv; charset=utf-8; header=present"),
  );

/** Answer with a month as JSON, at a path that can be saved as a file. */
export const answerMonth = (
  project: Project,
  month: string,
  request: Request,
  db: D1Database,
): Promise<Response> =>
  answerEdition(project, isMonth(month) ? month : null, db, (edition) =>
    serveWithETag(request, toJson(edition), JSON_TYPE),
  );

export const answerPage = (
  project: Project,
  style: string,
  request: Request,
  db: D1Database,
): Promise<Response> =>
  answerEdition(project, readPeriod(request), db, async (edition) => {
    const names = edition.periods.filter(isMonth).toSorted().slice(-MOST_MONTHS);
    const { publications } = await readPublications(db, project.counted, names);
    const months = names.flatMap((name) => publications.get(name) ?? []).map(parseMonth);
    return servePage(request, renderPage(project, style, edition, months), style);
  });

export const answerBadge: Answer = async (project, request, db) => {
  const query = parseBadgeQuery(project.counted, new URL(request.url).searchParams);
  return query.ok
    ? answerEdition(project, DEFAULT_PERIOD, db, (edition) =>
        serveWithETag(request, renderBadge(edition, query.cell), JSON_TYPE),
      )
    : invalidRequest(query.problem, ANY_ORIGIN);
};

/**
 * Read the edition of *period*; null if there is none.
 *
 * @throws Error - if D1 fails
 */
export async function readEdition(
  { counted, texts }: Project,
  db: D1Database,
  period: string = DEFAULT_PERIOD,
): Promise<Edition | null> {
  if (!isPeriod(period)) {
    return null;
  }
  const { publications, available } = await readPublications(db, counted, [period]);
  const rules = buildRules(texts.counted);
  return buildEdition(counted, rules, period, publications.get(period), available);
}

/** @param period - null if the request does not name exactly one */
function answerEdition(
  project: Project,
  period: string | null,
  db: D1Database,
  answer: (edition: Edition) => Promise<Response>,
): Promise<Response> {
  return answerFailure("statistics", project.answers.unavailable, async () => {
    const edition = period === null ? null : await readEdition(project, db, period);
    return edition === null ? unknownPeriod(project.paths.json) : answer(edition);
  });
}

/** Read `?period`; null if a request has it more than once. */
function readPeriod(request: Request): string | null {
  const [period = DEFAULT_PERIOD, ...more] = new URL(request.url).searchParams.getAll("period");
  return more.length === 0 ? period : null;
}

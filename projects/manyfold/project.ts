/** Describes Manyfold as a project: the paths and answers of its own tracking server. */

import { defineProject, jsonAnswer, type Edition, type Route } from "usage-receiver";
import { refuse, report } from "./report.ts";

const PAGE = "https://manyfold.app/sysadmin/tracking.html";
const CACHE = { "Cache-Control": "public, max-age=3600" };

/** The body is JSON although the type says text, as on Manyfold's server. */
const redirect = (location: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(`This resource has been moved temporarily to ${location}.`), {
    status: 302,
    headers: { ...headers, Location: location, "Content-Type": "text/plain" },
  });

const describeBadge = (edition: Edition | null): string =>
  edition?.total == null ? "instances-withheld-lightgrey" : `instances-${edition.total}-blue`;

/** The counts of a field by value. A value that an instance does not report is the empty text. */
const listCounts = (edition: Edition | null, field: string): Record<string, number> =>
  Object.fromEntries(
    (edition?.fields[field]?.cells ?? []).map(({ value, installs }) => [value ?? "", installs]),
  );

/** Take a GET at each of *paths*. */
const get = (
  paths: readonly string[],
  use: Route["use"],
  summary: string,
  answer: Route["answer"],
): Route[] =>
  paths.map((path) => {
    const operation = { tags: ["statistics"], summary };
    return { methods: ["GET", "HEAD"], path, use, answer, operation };
  });

const answerStats: Route["answer"] = async ({ readEdition }) => {
  const edition = await readEdition();
  const counts = {
    instances: edition?.total ?? null,
    versions: listCounts(edition, "version.app"),
    images: listCounts(edition, "version.image"),
    architectures: listCounts(edition, "version.arch"),
  };
  return jsonAnswer(200, counts, CACHE);
};

const answerBadge: Route["answer"] = async ({ readEdition }) =>
  redirect(`https://img.shields.io/badge/${describeBadge(await readEdition())}`, CACHE);

export const project = defineProject({
  name: "Manyfold",
  privacyPage: PAGE,
  kinds: [report],
  overTime: { field: "version.app", plural: "versions" },
  texts: { sent: "Each sends a report a day, if its admin has turned that on." },
  paths: {
    page: "/statistics",
    json: "/statistics.json",
    csv: "/statistics.csv",
    badge: "/statistics/badge",
    months: "/statistics/{month}.json",
    weeks: "/statistics/weeks.json",
    weeksCsv: "/statistics/weeks.csv",
  },
  routes: [
    ...get(["/", "/.json"], null, "Go to the page on reporting.", () => redirect(PAGE)),
    ...get(
      ["/stats", "/stats/", "/stats.json"],
      "read",
      "The statistics, in the shape of Manyfold's own server.",
      answerStats,
    ),
    ...get(
      ["/badge", "/badge/", "/badge.json"],
      "read",
      "Go to a badge with the number of instances.",
      answerBadge,
    ),
  ],
  answers: {
    // From bytes, so that the runtime adds no Content-Type.
    notFound: () =>
      new Response(new TextEncoder().encode("404 Not Found"), {
        status: 404,
        headers: { "X-Cascade": "pass" },
      }),
    methodNotAllowed: (methods) =>
      refuse(405, "405 Not Allowed", { Allow: ["OPTIONS", ...methods].join(", ") }),
  },
});

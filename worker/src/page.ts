/** `GET /`: the statistics for people, drawn from what `/stats` tells. Nothing runs in it. */

import * as answers from "./answers";
import { bars, columns, percent, sign } from "./charts";
import { edition, months, type Edition, type Month } from "./edition";
import { orUnavailable } from "./faults";
import { USAGE } from "./kinds";
import { label, number, OTHER } from "./labels";
import { markup, NONE, type Markup } from "./markup";
import style from "./page.css";
import { isMonth, WINDOWS } from "./periods";
import type { Published } from "./published";
import type { Field, Statistics } from "./statistics";
import { asked } from "./stats";

const PROJECT = "paperless-ngx";
const PRIVACY = "https://docs.paperless-ngx.com/usage-reporting/";
const MOST_MONTHS = 12;
/** As many as there are colours for. */
const MOST_SERIES = 5;
const MOST_NOW = 3;
const MOST_BARS = 8;
/** What the first chart shows over time. */
const OVER_TIME = "version";

export function page(request: Request, db: D1Database): Promise<Response> {
  return orUnavailable("statistics", async () => {
    const told = await edition(db, asked(request));
    if (told === null) {
      return answers.noSuchPeriod();
    }
    const past = await months(db, told.periods, MOST_MONTHS);
    return answers.page(request, `<!doctype html>\n${html(told, past).markup}`, await styleHash());
  });
}

let known: string | undefined;

/** What the page's policy names its one style by. */
async function styleHash(): Promise<string> {
  if (known === undefined) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    known = `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
  }
  return known;
}

function html(told: Edition, past: readonly Month[]): Markup {
  const { betas, fields, total } = told;
  const beside = isMonth(told.period) ? undefined : fullest(past, told.from ?? "");
  return markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="How many installations of ${PROJECT} run what, from voluntary reports.">
<title>Usage statistics – ${PROJECT}</title>
<link rel="alternate" type="application/json" href="/stats">
<style>${{ markup: style }}</style>
</head>
<body>
<header>
<p class="project">${PROJECT}</p>
<h1>Usage statistics</h1>
${summary(told)}
</header>
<main>
${choice(told)}
${overTime(past)}
<div class="cards">
${total === null ? NONE : PUBLISHED.map((field) => card(field, ...source(field, fields, total, beside)))}
${betas?.total == null ? NONE : WITHIN.map((field) => card(field, betas.fields[field.name], betas.total ?? 0, "of betas"))}
</div>
<section aria-labelledby="rules">
<h2 id="rules">What is counted, and what is withheld</h2>
<p>${told.rules.counted}</p>
<p>${told.rules.withheld}</p>
<p>${told.rules.weakness}</p>
</section>
</main>
<footer>
<nav aria-label="More">
<a href="/stats.csv?period=${told.period}">CSV</a>
<a href="/stats?period=${told.period}">JSON</a>
<a href="/openapi.yaml">API</a>
<a href="/report.schema.json">What a report holds</a>
<a href="${PRIVACY}">Reporting and privacy</a>
</nav>
</footer>
</body>
</html>
`;
}

/**
 * What *field*'s card tells, of how many, and what to call those.
 *
 * Months do not overlap, but the last days overlap with months: side by side, they would
 * tell more of what is withheld than each does. So what is drawn month by month is told
 * of a month, *beside*, where there is one.
 */
function source(
  { name }: Published,
  fields: Statistics["fields"],
  total: number,
  beside: Month | undefined,
): [Field | undefined, number, string] {
  return name === OVER_TIME && beside?.total != null
    ? [beside.fields[name], beside.total, `in ${beside.period}`]
    : [fields[name], total, ""];
}

/**
 * The month that goes on or the one before, of those that are told and reach beyond
 * *from*: in its first days a month has few.
 */
const fullest = (past: readonly Month[], from: string): Month | undefined =>
  past
    .filter(({ total, until }) => total !== null && until > from)
    .slice(-2)
    .toSorted((one, other) => (one.total ?? 0) - (other.total ?? 0))
    .at(-1);

const PUBLISHED = USAGE.published.filter(({ within }) => within === null);
const WITHIN = USAGE.published.filter(({ within }) => within !== null);

function summary({ as_of, from, until, total, rules }: Edition): Markup {
  if (as_of === null) {
    return markup`<p class="lead">Nothing has been counted yet: that is done once a day.</p>`;
  }
  const span = markup`from <time datetime="${from ?? ""}">${day(from)}</time> to <time datetime="${until ?? ""}">${day(until)}</time>`;
  return total === null
    ? markup`<p class="lead">Fewer than ${rules.least} installations have reported ${span}: too few to tell anything of them.</p>`
    : markup`<p class="total">${number(total)}</p>
<p class="lead">installations have reported ${span}, each by the hand of who runs it.</p>`;
}

/** The periods that go on; months are there by their links in the table. */
function choice({ period }: Edition): Markup {
  const windows = WINDOWS.map((days) => {
    const name = `${days}d`;
    return name === period
      ? markup`<li><a href="/?period=${name}" aria-current="page">${days} days</a></li>`
      : markup`<li><a href="/?period=${name}">${days} days</a></li>`;
  });
  const month = isMonth(period)
    ? markup`<li><a href="/?period=${period}" aria-current="page">${period}</a></li>`
    : NONE;
  return markup`<nav aria-label="Period"><ul class="choice">${windows}${month}</ul></nav>
`;
}

/** Versions by month: those that most run, and the others as one. */
function overTime(past: readonly Month[]): Markup {
  const told = past.filter(({ total }) => total !== null);
  if (told.length === 0) {
    return NONE;
  }
  const series = mostCommon(told);
  const rows = told.map((month) => {
    const counts = series.map((version) => installs(month, version));
    const hidden = month.fields[OVER_TIME]?.withheld ?? true;
    const rest = (month.total ?? 0) - counts.reduce((sum, count) => sum + count, 0);
    return { ...month, counts, rest, hidden };
  });
  const kinds = [
    ...series.map((name, index) => ({ name, kind: `series-${index}` })),
    { name: "others", kind: "rest" },
  ];
  return markup`<section class="card" aria-labelledby="over-time">
<h2 id="over-time">Versions over time</h2>
${columns(
  "over-time-chart",
  "Installations by version, month by month",
  rows.map(({ period, counts, rest }) => ({ label: period, parts: [...counts, rest] })),
)}<ul class="legend">${kinds.map(({ name, kind }) => markup`<li>${sign(kind)} <bdi>${name}</bdi></li>`)}</ul>
<details>
<summary>Versions over time as a table</summary>
<div class="scroll" role="region" aria-label="Versions over time, table" tabindex="0">
<table>
<caption>Installations by version and month. “others” are all other versions, told and withheld; “–” is none, or withheld.</caption>
<thead><tr><th scope="col">Month</th>${kinds.map(({ name }) => markup`<th scope="col" class="number"><bdi>${name}</bdi></th>`)}<th scope="col" class="number">All</th></tr></thead>
<tbody>
${rows.toReversed().map(
  ({
    period,
    counts,
    rest,
    hidden,
    total,
  }) => markup`<tr><th scope="row"><a href="/?period=${period}">${period}</a></th>${counts.map((count) => markup`<td class="number">${count === 0 && hidden ? "–" : number(count)}</td>`)}<td class="number">${number(rest)}</td><td class="number">${number(total ?? 0)}</td></tr>
`,
)}</tbody>
</table>
</div>
</details>
</section>
`;
}

/** Those that most run now, then those that most ran in all of *told*: the newest first. */
function mostCommon(told: readonly Month[]): readonly string[] {
  const sums = new Map<string, number>();
  for (const { fields } of told) {
    for (const { value, installs } of fields[OVER_TIME]?.cells ?? []) {
      const name = label(value);
      sums.set(name, (sums.get(name) ?? 0) + installs);
    }
  }
  const now = told.at(-1)?.fields[OVER_TIME]?.cells.slice(0, MOST_NOW) ?? [];
  const ever = [...sums].toSorted(([, one], [, other]) => other - one);
  return [...new Set([...now.map(({ value }) => label(value)), ...ever.map(([name]) => name)])]
    .slice(0, MOST_SERIES)
    .toSorted((one, other) => other.localeCompare(one, "en", { numeric: true }));
}

const installs = ({ fields }: Month, version: string): number =>
  fields[OVER_TIME]?.cells.find(({ value }) => label(value) === version)?.installs ?? 0;

function card(
  { name, title }: Published,
  field: Field | undefined,
  total: number,
  of: string,
): Markup {
  const { cells, withheld } = field ?? { cells: [], withheld: true };
  const heading = of === "" ? title : `${title} ${of}`;
  const rows = cells.map(({ value, installs }) => ({ label: label(value), count: installs }));
  const shown = rows.reduce((sum, { count }) => sum + count, 0);
  const left = withheld ? [{ label: OTHER, count: total - shown }] : [];
  const few = rows.slice(0, MOST_BARS);
  const drawn =
    few.length < rows.length
      ? [...few, { label: OTHER, count: total - few.reduce((sum, { count }) => sum + count, 0) }]
      : [...rows, ...left];
  return markup`<section class="card" aria-labelledby="${name}">
<h2 id="${name}">${heading}</h2>
${bars(`${name}-chart`, `${heading}: share of ${number(total)} installations`, total, drawn)}<details>
<summary>${heading} as a table</summary>
<div class="scroll" role="region" aria-label="${heading}, table" tabindex="0">
<table>
<caption>${heading}: installations, of ${number(total)}.</caption>
<thead><tr><th scope="col">${title}</th><th scope="col" class="number">Installations</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>
${rows.map(
  ({
    label,
    count,
  }) => markup`<tr><th scope="row"><bdi>${label}</bdi></th><td class="number">${number(count)}</td><td class="number">${percent(count, total)}</td></tr>
`,
)}${
    withheld
      ? markup`<tr><th scope="row">${OTHER}</th><td class="number">withheld</td><td class="number"></td></tr>
`
      : NONE
  }</tbody>
</table>
</div>
</details>
</section>
`;
}

const day = (time: string | null): string =>
  time === null
    ? ""
    : new Date(time).toLocaleDateString("en-GB", {
        day: "numeric",
        month: "long",
        year: "numeric",
        timeZone: "UTC",
      });

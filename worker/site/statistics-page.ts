/** Renders the statistics page: HTML without scripts that loads nothing else. */

import type { Project } from "../src/kinds/project.ts";
import { isMonth } from "../src/statistics/periods.ts";
import { renderCard } from "./cards.ts";
import type { Edition, MonthlySummary } from "../src/statistics/edition.ts";
import { formatNumber } from "./labels.ts";
import { renderHead } from "./head.ts";
import { markup, NONE, type Markup } from "./markup.ts";
import { renderOverTime } from "./over-time.ts";

/**
 * @param months - the last months, the oldest first
 * @param windows - the names of the windows, such as `7d`
 */
export function renderStatisticsPage(
  project: Project,
  edition: Edition,
  months: readonly MonthlySummary[],
  windows: readonly string[],
): string {
  const { period, rules } = edition;
  const { paths } = project;
  const description = `Which versions and setups ${project.name} installations use, from voluntary reports.`;
  const page = markup`<html lang="en">
${renderHead("Usage statistics", description, project)}
<body>
<header>
<p class="project">${project.name}</p>
<h1>Usage statistics</h1>
${renderSummary(project, edition)}
</header>
<main>
${renderPeriods(project, edition, windows)}
${renderOverTime(project, months)}
<div class="cards">
${renderCards(project, edition)}
</div>
<section aria-labelledby="rules">
<h2 id="rules">How to read these numbers</h2>
<p>${rules.counted}</p>
<p>${rules.rounded}</p>
<p>${rules.repeated}</p>
<p>${rules.weakness}</p>
</section>
</main>
<footer>
<nav aria-label="More">
<a href="${paths.csv}?period=${period}">CSV</a>
<a href="${paths.json}?period=${period}">JSON</a>
<a href="/openapi.yaml">API</a>
<a href="${paths.fields}">What a report contains</a>
<a href="${project.privacyPage}">Reporting and privacy</a>
</nav>
</footer>
</body>
</html>
`;
  return `<!doctype html>\n${page.markup}`;
}

function renderSummary(
  { texts, counted }: Project,
  { as_of, from, until, total, newcomers, rules }: Edition,
): Markup {
  if (as_of === null) {
    return markup`<p class="lead">Nothing has been counted yet. The first numbers appear once enough installations report.</p>`;
  }
  const lastDay = new Date(Date.parse(until ?? "") - 1).toISOString();
  const span = markup`from ${renderDay(from)} to ${renderDay(lastDay)}`;
  return total === null
    ? markup`<p class="lead">Fewer than ${rules.least} installations reported ${span}: too few to publish any numbers.</p>`
    : markup`<p class="total">${formatNumber(total)}</p>
<p class="lead">installations reported ${span}. ${texts.sent}</p>
${newcomers == null ? NONE : markup`<p class="lead">${formatNumber(newcomers)} more reported for the first time. They count from their ${counted.storage.mode === "once" ? "next report" : "second day"} on.</p>`}`;
}

const renderDay = (time: string | null): Markup =>
  markup`<time datetime="${time ?? ""}">${formatDay(time)}</time>`;

/** @param time - ISO 8601; null gives an empty text */
const formatDay = (time: string | null): string =>
  time === null
    ? ""
    : new Date(time).toLocaleDateString("en-GB", {
        day: "numeric",
        month: "long",
        year: "numeric",
        timeZone: "UTC",
      });

/** Render links to the windows and the current month; the table over time links to every month. */
function renderPeriods(
  { paths }: Project,
  { period }: Edition,
  windows: readonly string[],
): Markup {
  const links = windows.map((name) => ({ name, text: name.replace("d", " days") }));
  if (isMonth(period)) {
    links.push({ name: period, text: period });
  }
  const items = links.map(({ name, text }) => {
    const current = name === period ? markup` aria-current="page"` : NONE;
    return markup`<li><a href="${paths.page}?period=${name}"${current}>${text}</a></li>`;
  });
  return markup`<nav aria-label="Period"><ul class="choice">${items}</ul></nav>
`;
}

function renderCards({ counted }: Project, { betas, fields, total }: Edition): readonly Markup[] {
  // Fields that count some installations only come last.
  const sorted = counted.published.toSorted(
    (left, right) => Number(left.condition !== null) - Number(right.condition !== null),
  );
  return sorted.map((field) => {
    if (field.condition !== null) {
      const scope = `with ${field.condition.field} ${field.condition.value}`;
      return betas?.total == null
        ? NONE
        : renderCard(field, betas.fields[field.name], betas.total, scope);
    }
    return total === null ? NONE : renderCard(field, fields[field.name], total, "");
  });
}

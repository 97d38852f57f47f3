/** Renders the statistics page: HTML without scripts that loads nothing else. */

import type { Project } from "../src/kinds/project.ts";
import type { Edition } from "../src/statistics/edition.ts";
import { findNextEdition, isMonth } from "../src/statistics/periods.ts";
import { renderCard } from "./cards.ts";
import { renderHead } from "./head.ts";
import { formatDay, formatMonth, formatNumber } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";
import { renderOverTime, type TimeLine } from "./over-time.ts";

/**
 * @param timeLine - the last months, or weeks where months are not published
 * @param windows - the names of the windows, such as `7d`
 */
export function renderStatisticsPage(
  project: Project,
  edition: Edition,
  timeLine: TimeLine,
  windows: readonly string[],
): string {
  const { period } = edition;
  const { paths } = project;
  const description = `Which versions and setups ${project.name} installations use, from voluntary reports.`;
  const page = markup`<html lang="en">
${renderHead("Usage statistics", description, project)}
<body>
<header>
<p class="project">${project.name}</p>
<h1>Usage statistics</h1>
${renderPeriods(project, edition, windows)}
${renderSummary(project, edition)}
</header>
<main>
${renderOverTime(project, timeLine)}
<div class="cards">
${renderCards(project, edition)}
</div>
${edition.as_of === null ? renderHowToTry(project) : NONE}
${renderRules(edition, windows)}
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

function renderSummary(project: Project, edition: Edition): Markup {
  const { as_of, from, until, total, newcomers, rules } = edition;
  const { texts, counted } = project;
  const fromSecond = `They count from their ${counted.storage.mode === "once" ? "next report" : "second day"} on.`;
  if (as_of === null || from === null || until === null) {
    return markup`<p class="total">No numbers yet</p>
<p class="lead">A run counts the reports once a day. The first numbers appear after the first run that finds about ${rules.least} installations${counted.countedFrom === "second report" ? " that count" : ""}. From then on, a new edition appears every Sunday.</p>
${counted.countedFrom === "second report" ? markup`<p class="lead">New installations do not count at once. ${fromSecond}</p>` : NONE}`;
  }
  const lastDay = new Date(Date.parse(until) - 1).toISOString();
  const span = markup`from ${renderDay(from)} to ${renderDay(lastDay)}`;
  const dates = renderDates(edition, as_of, until);
  return total === null
    ? markup`<p class="total">Too few to show</p>
<p class="lead">Fewer than ${rules.least} installations reported ${span}: too few to publish any numbers.</p>
${dates}`
    : markup`<p class="total">${formatNumber(total)}</p>
<p class="lead">installations reported ${span}. ${texts.sent}</p>
${newcomers == null ? NONE : markup`<p class="lead">${formatNumber(newcomers)} more reported for the first time. ${fromSecond}</p>`}
${dates}`;
}

/** Say when the numbers were counted, and when they change. */
const renderDates = ({ period }: Edition, asOf: string, until: string): Markup =>
  markup`<p class="lead small">Counted on ${renderDay(asOf)}. ${
    isMonth(period)
      ? markup`A month is counted once and then stays the same.`
      : markup`The next edition is due on Sunday, ${renderDay(findNextEdition(new Date(until)).toISOString())}.`
  }</p>`;

const renderDay = (time: string): Markup =>
  markup`<time datetime="${time}">${formatDay(time)}</time>`;

/** Render links to the windows, the last month and the current one; the chart has every month. */
function renderPeriods(
  { paths }: Project,
  { period, periods }: Edition,
  windows: readonly string[],
): Markup {
  const lastMonth = periods.filter(isMonth).toSorted().slice(-1);
  const months = new Set([...lastMonth, ...(isMonth(period) ? [period] : [])]);
  const links = [
    ...windows.map((name) => ({ name, text: `Last ${name.replace("d", " days")}` })),
    ...[...months].map((name) => ({ name, text: formatMonth(name) })),
  ];
  const items = links.map(({ name, text }) => {
    const current = name === period ? markup` aria-current="page"` : NONE;
    return markup`<li><a href="${paths.page}?period=${name}"${current}>${text}</a></li>`;
  });
  return markup`<nav aria-label="Period"><ul class="choice">${items}</ul></nav>
`;
}

function renderCards({ counted }: Project, { betas, fields, total }: Edition): readonly Markup[] {
  const { contract, published } = counted;
  // Fields that count some installations only come last.
  const sorted = published.toSorted(
    (left, right) => Number(left.condition !== null) - Number(right.condition !== null),
  );
  return sorted.map((field) => {
    const group = field.condition === null ? { fields, total } : betas;
    return group?.total == null
      ? NONE
      : renderCard(contract.leaves, field, group.fields[field.name], group.total);
  });
}

/** Say how an operator can see the page without waiting for the first edition. */
const renderHowToTry = ({
  paths,
}: Project): Markup => markup`<section class="card" aria-labelledby="try">
<h2 id="try">See it with numbers now</h2>
<p>If you run this receiver, you can see the page on your own computer, with reports of 25 made-up installations in a new database. Run this in the project’s folder:</p>
<pre><code>usage-receiver serve \\
  --data sample-data \\
  --sample 25</code></pre>
<p>Then open <a href="http://127.0.0.1:8787${paths.page}">http://127.0.0.1:8787${paths.page}</a>. To count your real reports before the next daily run, use <code>usage-receiver count</code>.</p>
</section>
`;

/** Answer the questions that the numbers raise. */
function renderRules({ rules, periods }: Edition, windows: readonly string[]): Markup {
  const answers: [question: string, answer: string][] = [
    ["What is counted?", rules.counted],
    ["Why do the numbers not add up?", rules.rounded],
    ["When do the numbers change?", rules.repeated],
    ["Can I trust them?", rules.weakness],
  ];
  if (periods.some(isMonth) && windows.includes("30d")) {
    answers.splice(2, 0, ["Why does a month differ from the last 30 days?", MONTHS]);
  }
  return markup`<section aria-labelledby="rules">
<h2 id="rules">How to read these numbers</h2>
<div class="answers">
${answers.map(
  ([question, answer]) => markup`<div>
<h3>${question}</h3>
<p>${answer}</p>
</div>
`,
)}</div>
</section>`;
}

const MONTHS =
  "They are different days. The last 30 days end when the newest edition was counted, and move on " +
  "with each edition. A month is the whole calendar month, and the running month is not published. " +
  "Its numbers stay, also when its reports are deleted, or an installation is forgotten.";

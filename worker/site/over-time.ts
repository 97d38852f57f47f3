/** Renders the page's chart over time: a field's most common values, month by month. */

import type { Project } from "../src/kinds/project.ts";
import { drawColumns, drawKey } from "./charts.ts";
import { ROUNDING, type MonthlySummary } from "../src/statistics/edition.ts";
import { formatNumber, formatValue } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";

/** As many as the style sheet has colours for. */
const MOST_SERIES = 5;
/** How many of the series are the most common values of the last month. */
const MOST_CURRENT = 3;

/** @param months - the oldest first */
export function renderOverTime(
  { overTime: { field, plural }, paths }: Project,
  months: readonly MonthlySummary[],
): Markup {
  const published = months.filter(({ total }) => total !== null);
  if (published.length === 0) {
    return NONE;
  }
  const values = pickSeries(published, field);
  const rows = published.map(({ period, total, fields }) => {
    const cells = fields[field]?.cells ?? [];
    const counts = values.map(
      (name) => cells.find(({ value }) => formatValue(value) === name)?.installs ?? 0,
    );
    return { period, total: total ?? 0, counts };
  });
  const series = values.map((name, index) => ({ name, kind: `series-${index}` }));
  const legend = [...series, { name: "others", kind: "rest" }];
  const heading = `${capitalize(plural)} over time`;
  const chart = drawColumns(
    "over-time-chart",
    `Installations by ${field}, month by month`,
    rows.map(({ period, total, counts }) => ({ label: period, total, parts: counts })),
  );
  return markup`<section class="card" aria-labelledby="over-time">
<h2 id="over-time">${heading}</h2>
${chart}<ul class="legend">${legend.map(({ name, kind }) => markup`<li>${drawKey(kind)} <bdi>${name}</bdi></li>`)}</ul>
<details>
<summary>${heading} as a table</summary>
<div class="scroll" role="region" aria-label="${heading}, table" tabindex="0">
<table>
<caption>Installations by ${field} and month; ${ROUNDING}. “–” is fewer.</caption>
<thead><tr><th scope="col">Month</th>${series.map(({ name }) => markup`<th scope="col" class="number"><bdi>${name}</bdi></th>`)}<th scope="col" class="number">All</th></tr></thead>
<tbody>
${rows.toReversed().map((row) => renderRow(paths.page, row))}</tbody>
</table>
</div>
</details>
</section>
`;
}

interface Row {
  readonly period: string;
  readonly total: number;
  readonly counts: readonly number[];
}

function renderRow(page: string, { period, total, counts }: Row): Markup {
  const cells = [...counts, total].map((count) => (count === 0 ? "–" : formatNumber(count)));
  return markup`<tr><th scope="row"><a href="${page}?period=${period}">${period}</a></th>${cells.map((text) => markup`<td class="number">${text}</td>`)}</tr>
`;
}

/** Pick the most common values of the last month, then of all months; the newest first. */
function pickSeries(months: readonly MonthlySummary[], field: string): readonly string[] {
  const sums = new Map<string, number>();
  for (const { fields } of months) {
    for (const { value, installs } of fields[field]?.cells ?? []) {
      const name = formatValue(value);
      sums.set(name, (sums.get(name) ?? 0) + installs);
    }
  }
  const current = months.at(-1)?.fields[field]?.cells.slice(0, MOST_CURRENT) ?? [];
  const overall = [...sums].toSorted(([, left], [, right]) => right - left);
  return [
    ...new Set([
      ...current.map(({ value }) => formatValue(value)),
      ...overall.map(([name]) => name),
    ]),
  ]
    .slice(0, MOST_SERIES)
    .toSorted((left, right) => right.localeCompare(left, "en", { numeric: true }));
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Renders the page's chart over time: a field's most common values, by month or by week. */

import type { Project } from "../src/kinds/project.ts";
import { DAY_MS } from "../src/kinds/time.ts";
import { ROUNDING, type MonthlySummary } from "../src/statistics/edition.ts";
import type { Summary } from "../src/statistics/summary.ts";
import type { WeeklyEdition } from "../src/store/weekly-editions.ts";
import { drawColumns, drawKey } from "./charts.ts";
import { formatDay, formatMonth, formatNumber, formatShortDay, formatValue } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";
import { describeCommonest } from "./sentences.ts";
import { compareVersions, isRest, type Cell } from "./value-order.ts";

/** As many as the style sheet has colours for. */
const MOST_SERIES = 5;
/** How many of the series are the most common values of the last column. */
const MOST_CURRENT = 3;

/** What the columns of the chart are. */
export interface TimeLine {
  /** A month or a week. */
  readonly unit: "month" | "week";
  /** Follows the chart's own sentence. */
  readonly note: string;
  /** The oldest first. */
  readonly points: readonly Point[];
}

interface Point {
  /** Such as `April 2026`. */
  readonly name: string;
  /** Below the column, such as `Apr`. */
  readonly tick: string;
  readonly year: string;
  /** The page of this period; null if there is none. */
  readonly link: string | null;
  readonly summary: Summary;
}

/** @param months - the oldest first */
export const listMonths = (page: string, months: readonly MonthlySummary[]): TimeLine => ({
  unit: "month",
  note: "A column is a calendar month, which was counted once, after its end.",
  points: months.map((summary) => ({
    name: formatMonth(summary.period),
    tick: formatMonth(summary.period).slice(0, 3),
    year: summary.period.slice(0, 4),
    link: `${page}?period=${summary.period}`,
    summary,
  })),
});

/** @param weeks - the oldest first */
export const listWeeks = (weeks: readonly WeeklyEdition[]): TimeLine => ({
  unit: "week",
  note: "A column is a week, as it was published at its end.",
  points: weeks.map((summary) => {
    const lastDay = new Date(Date.parse(summary.until) - DAY_MS).toISOString();
    return {
      name: `Week to ${formatDay(lastDay)}`,
      tick: formatShortDay(lastDay),
      year: lastDay.slice(0, 4),
      link: null,
      summary,
    };
  }),
});

export function renderOverTime(
  { counted, overTime: { field, plural } }: Project,
  { unit, note, points }: TimeLine,
): Markup {
  const published = points.filter(({ summary }) => summary.total !== null);
  const last = published.at(-1);
  if (last === undefined || published.length < 2) {
    return NONE;
  }
  const values = pickSeries(
    published.map(({ summary }) => summary),
    field,
  );
  const rows = published.map(({ summary, ...point }) => {
    const cells = summary.fields[field]?.cells ?? [];
    const counts = values.map(
      (name) => cells.find(({ value }) => formatValue(value) === name)?.installs ?? 0,
    );
    return { ...point, total: summary.total ?? 0, counts };
  });
  const series = values.map((name, index) => ({ name, kind: `series-${index}` }));
  const legend = [...series, { name: "others", kind: "rest" }];
  const title = counted.published.find(({ name }) => name === field)?.title ?? field;
  const subject = `Installations by ${title.toLowerCase()}`;
  const heading = `${capitalize(plural)} over time`;
  const chart = drawColumns(
    "over-time-chart",
    `${subject}, ${unit} by ${unit}`,
    rows.map(({ tick, year, total, counts }) => ({ tick, year, total, parts: counts })),
  );
  const cells = last.summary.fields[field]?.cells ?? [];
  const commonest = describeCommonest(
    cells,
    last.summary.total ?? 0,
    "installations",
    `${last.name}: `,
  );
  return markup`<section class="card" aria-labelledby="over-time">
<h2 id="over-time">${heading}</h2>
<p>${commonest} <span class="quiet">${note}</span></p>
<div class="plot">
${chart}<ul class="legend">${legend.map(({ name, kind }) => markup`<li>${drawKey(kind)} <bdi>${name}</bdi></li>`)}</ul>
</div>
<details>
<summary>${heading} as a table</summary>
<div class="scroll" role="region" aria-label="${heading}, table" tabindex="0">
<table>
<caption>${subject} and ${unit}; ${ROUNDING}. “–” is fewer.</caption>
<thead><tr><th scope="col">${capitalize(unit)}</th>${series.map(({ name }) => markup`<th scope="col" class="number"><bdi>${name}</bdi></th>`)}<th scope="col" class="number">All</th></tr></thead>
<tbody>
${rows.toReversed().map(renderRow)}</tbody>
</table>
</div>
</details>
</section>
`;
}

interface Row {
  readonly name: string;
  readonly link: string | null;
  readonly total: number;
  readonly counts: readonly number[];
}

function renderRow({ name, link, total, counts }: Row): Markup {
  const cells = [...counts, total].map((count) => (count === 0 ? "–" : formatNumber(count)));
  const head = link === null ? markup`${name}` : markup`<a href="${link}">${name}</a>`;
  return markup`<tr><th scope="row">${head}</th>${cells.map((text) => markup`<td class="number">${text}</td>`)}</tr>
`;
}

/** Pick the most common values of the last column, then of all columns; the newest first. */
function pickSeries(summaries: readonly Summary[], field: string): readonly string[] {
  const listNamed = (fields: Summary["fields"]): readonly Cell[] =>
    (fields[field]?.cells ?? []).filter(({ value }) => !isRest(value));
  const sums = new Map<string, number>();
  for (const { fields } of summaries) {
    for (const { value, installs } of listNamed(fields)) {
      const name = formatValue(value);
      sums.set(name, (sums.get(name) ?? 0) + installs);
    }
  }
  const current = listNamed(summaries.at(-1)?.fields ?? {}).slice(0, MOST_CURRENT);
  const overall = [...sums].toSorted(([, left], [, right]) => right - left);
  return [
    ...new Set([
      ...current.map(({ value }) => formatValue(value)),
      ...overall.map(([name]) => name),
    ]),
  ]
    .slice(0, MOST_SERIES)
    .toSorted((left, right) => compareVersions(right, left));
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Renders a field's card on the page: a chart, and a table with the same numbers. */

import type { PublishedField } from "../src/kinds/published-fields.ts";
import type { FieldSummary } from "../src/statistics/summary.ts";
import { drawBars, formatPercent } from "./charts.ts";
import { ROUNDING } from "../src/statistics/edition.ts";
import { formatNumber, formatValue } from "./labels.ts";
import { markup, type Markup } from "./markup.ts";

const MOST_BARS = 8;

/**
 * @param total - how many installations the shares refer to
 * @param scope - which installations those are, such as "with channel beta"; empty for all
 */
export function renderCard(
  { name, title }: PublishedField,
  field: FieldSummary | undefined,
  total: number,
  scope: string,
): Markup {
  const heading = scope === "" ? title : `${title} ${scope}`;
  const rows = (field?.cells ?? []).map(({ value, installs }) => ({
    label: formatValue(value),
    count: installs,
  }));
  const bars = rows.slice(0, MOST_BARS);
  return markup`<section class="card" aria-labelledby="${name}">
<h2 id="${name}">${heading}</h2>
${drawBars(`${name}-chart`, `${heading}: share of ${formatNumber(total)} installations`, total, bars)}<details>
<summary>${heading} as a table</summary>
<div class="scroll" role="region" aria-label="${heading}, table" tabindex="0">
<table>
<caption>${heading}: installations, of ${formatNumber(total)}; ${ROUNDING}.</caption>
<thead><tr><th scope="col">${title}</th><th scope="col" class="number">Installations</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>
${rows.map(({ label, count }) => renderRow(label, formatNumber(count), formatPercent(count, total)))}</tbody>
</table>
</div>
</details>
</section>
`;
}

const renderRow = (label: string, count: string, share: string): Markup =>
  markup`<tr><th scope="row"><bdi>${label}</bdi></th><td class="number">${count}</td><td class="number">${share}</td></tr>
`;

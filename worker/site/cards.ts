/** Renders a field's card on the page: sentences, and a table whose rows are bars. */

import type { Leaf } from "../src/kinds/contract.ts";
import type { PublishedField } from "../src/kinds/published-fields.ts";
import { ROUNDING } from "../src/statistics/edition.ts";
import type { FieldSummary } from "../src/statistics/summary.ts";
import { drawBar } from "./charts.ts";
import { formatNumber, formatPercent, formatValue } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";
import { describeCommonest, readQuestion } from "./sentences.ts";
import { sortCells, type Cell } from "./value-order.ts";

/** The most common values are shown at once; a click shows the others. */
const MOST_BARS = 8;

/**
 * @param leaves - the fields of the contract
 * @param total - how many installations the shares refer to
 */
export function renderCard(
  leaves: readonly Leaf[],
  field: PublishedField,
  summary: FieldSummary | undefined,
  total: number,
): Markup {
  const { array, condition, name, title } = field;
  const scope = condition === null ? "" : ` with ${condition.field} ${condition.value}`;
  const cells = summary?.cells ?? [];
  const [shown, more] = [cells.slice(0, MOST_BARS), cells.slice(MOST_BARS)];
  const render = (part: readonly Cell[], caption: string): Markup =>
    renderTable(title, caption, total, sortCells(field, part));
  const schema = leaves.find((leaf) => leaf.name === name)?.schema as
    { readonly description?: string } | undefined;
  const caption = `${title}${scope}: installations, of ${formatNumber(total)}; ${ROUNDING}`;
  const several = array ? " One can report several." : "";
  return markup`<section class="card" aria-labelledby="${name}">
<h2 id="${name}">${title}${scope}</h2>
<p class="quiet">${readQuestion(schema?.description)}</p>
<p>${describeCommonest(cells, total, `installations${scope}`)}${several}</p>
${cells.length === 0 ? NONE : render(shown, caption)}${
    more.length === 0
      ? NONE
      : markup`<details>
<summary>${more.length} less common</summary>
${render(more, `${caption}, less common values`)}</details>
`
  }</section>
`;
}

const renderTable = (
  title: string,
  caption: string,
  total: number,
  cells: readonly Cell[],
): Markup =>
  // The head is for screen readers: everybody else sees what a number is.
  markup`<table class="bars">
<caption><span class="hidden">${caption}.</span></caption>
<thead><tr>${[title, "Installations", "Share"].map((text) => markup`<th scope="col"><span class="hidden">${text}</span></th>`)}</tr></thead>
<tbody>
${cells.map(
  ({ value, installs }) =>
    markup`<tr><th scope="row">${drawBar(installs, total)}<bdi>${formatValue(value)}</bdi></th><td>${formatNumber(installs)}</td><td class="quiet">${formatPercent(installs, total)}</td></tr>
`,
)}</tbody>
</table>
`;

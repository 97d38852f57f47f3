/**
 * Charts as SVG that needs no script and no style of its own: colours are classes of
 * the page. Widths are percentages and text is not scaled, so that it can be read on a
 * phone. What a chart shows, the table beside it tells.
 */

import { number } from "./labels";
import { markup, NONE, type Markup } from "./markup";

export interface Bar {
  readonly label: string;
  readonly count: number;
}

/** A column is made of parts, one for each series, from the bottom up. */
export interface Column {
  readonly label: string;
  readonly parts: readonly number[];
}

const ROW_PX = 36;
const LONGEST = 32;

/** Horizontal bars, each as long as its share of *total*. */
export function bars(name: string, title: string, total: number, all: readonly Bar[]): Markup {
  const rows = all.map(({ label, count }, index) => {
    const top = index * ROW_PX;
    return markup`<text class="label" x="0" y="${top + 14}">${shortened(label)}</text>
<text class="share" x="100%" y="${top + 14}" text-anchor="end">${percent(count, total)}</text>
<rect class="track" x="0" y="${top + 21}" width="100%" height="7" rx="3.5"/>
<rect class="bar" x="0" y="${top + 21}" width="${width(count, total)}%" height="7" rx="3.5"/>
`;
  });
  return drawing(
    name,
    title,
    "Bars; the numbers are in the table below.",
    all.length * ROW_PX,
    rows,
  );
}

const PLOT_PX = 200;
const HEAD_PX = 20;
const FOOT_PX = 38;

/** Stacked columns; the last series is what is left. */
export function columns(name: string, title: string, all: readonly Column[]): Markup {
  const sums = all.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0));
  const most = Math.max(...sums, 1);
  const step = 100 / Math.max(all.length, 6);
  const drawn = all.map(({ label, parts }, index) => {
    const middle = rounded((index + 0.5) * step);
    let bottom = HEAD_PX + PLOT_PX;
    const stack = parts.map((part, series) => {
      const height = (part / most) * PLOT_PX;
      bottom -= height;
      const last = series === parts.length - 1;
      return height === 0
        ? NONE
        : markup`<rect class="${last ? "rest" : `series-${series}`}" x="${rounded(index * step + step * 0.1)}%" y="${rounded(bottom)}" width="${rounded(step * 0.8)}%" height="${rounded(Math.max(height - 1, 0.5))}"/>
`;
    });
    const [year = "", month = ""] = label.split("-");
    const first = index === 0 || month === "01";
    return markup`${stack}<text class="share" x="${middle}%" y="${rounded(bottom - 6)}" text-anchor="middle">${compact(sums[index] ?? 0)}</text>
<text class="label month" x="${middle}%" y="${HEAD_PX + PLOT_PX + 16}" text-anchor="middle">${MONTHS[Number(month) - 1] ?? month}</text>
${
  first
    ? markup`<text class="share" x="${middle}%" y="${HEAD_PX + PLOT_PX + 32}" text-anchor="middle">${year}</text>
`
    : NONE
}`;
  });
  const base = markup`<line class="base" x1="0" x2="100%" y1="${HEAD_PX + PLOT_PX}" y2="${HEAD_PX + PLOT_PX}"/>
`;
  return drawing(
    name,
    title,
    "Stacked columns, one a month; the numbers are in the table below.",
    HEAD_PX + PLOT_PX + FOOT_PX,
    [...drawn, base],
  );
}

/** The sign of a series in a legend. */
export const sign = (kind: string): Markup =>
  markup`<svg width="11" height="11" aria-hidden="true"><rect class="${kind}" width="11" height="11" rx="2"/></svg>`;

export const percent = (count: number, total: number): string =>
  `${(total === 0 ? 0 : (count / total) * 100).toFixed(1)}%`;

function drawing(
  name: string,
  title: string,
  description: string,
  height: number,
  content: readonly Markup[],
): Markup {
  return markup`<svg role="img" width="100%" height="${height}" aria-labelledby="${name}-title" aria-describedby="${name}-description">
<title id="${name}-title">${title}</title>
<desc id="${name}-description">${description}</desc>
${content}</svg>
`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Never so short that it cannot be seen. */
const width = (count: number, total: number): number =>
  Math.max(rounded((count / Math.max(total, 1)) * 100), 0.5);

const shortened = (text: string): string =>
  [...text].length > LONGEST ? `${[...text].slice(0, LONGEST - 1).join("")}…` : text;

const compact = (count: number): string =>
  count < 1000 ? number(count) : new Intl.NumberFormat("en", { notation: "compact" }).format(count);

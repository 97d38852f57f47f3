/**
 * Draws charts as SVG, without scripts or their own styles.
 *
 * The page's classes give the colours. Widths are percentages and text keeps its size, so that a
 * chart is readable on a phone. The table beside a chart has the same numbers.
 */

import { formatNumber } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";

export interface Column {
  /** Written below it, such as `Nov`. */
  readonly tick: string;
  /** Written below that where it changes. */
  readonly year: string;
  /** Its height. Rounded parts may add up to more or less than that. */
  readonly total: number;
  /** The height of each series, from the bottom up. */
  readonly parts: readonly number[];
}

/** Draw a bar as long as its share of *total*, which fills its table cell. */
export const drawBar = (count: number, total: number): Markup =>
  markup`<svg class="bar" aria-hidden="true"><rect width="${toWidth(count, total)}%" height="100%" rx="4"/></svg>`;

const PLOT_PX = 200;
const HEAD_PX = 20;
const FOOT_PX = 38;
const BASE_PX = HEAD_PX + PLOT_PX;

/** Draw stacked columns, with the rest of each total on top. */
export function drawColumns(name: string, title: string, columns: readonly Column[]): Markup {
  const stacks = columns.map(({ total, parts }) => {
    const sum = parts.reduce((before, part) => before + part, 0);
    return [...parts, Math.max(total - sum, 0)];
  });
  const highest = Math.max(...stacks.map((parts) => parts.reduce((a, b) => a + b, 0)), 1);
  const step = 100 / Math.max(columns.length, 4);
  const drawn = columns.map(({ tick, year, total }, index) => {
    const middle = round((index + 0.5) * step);
    const x = round(index * step + step * 0.1);
    let top = BASE_PX;
    const parts = stacks[index] ?? [];
    const stack = parts.map((part, series) => {
      const height = (part / highest) * PLOT_PX;
      top -= height;
      const kind = series === parts.length - 1 ? "rest" : `series-${series}`;
      return height === 0
        ? NONE
        : markup`<rect class="${kind}" x="${x}%" y="${round(top)}" width="${round(step * 0.8)}%" height="${round(Math.max(height - 1, 0.5))}"/>
`;
    });
    return markup`${stack}${drawText("share", middle, top - 6, formatCompact(total))}
${drawText("label tick", middle, BASE_PX + 16, tick)}
${columns[index - 1]?.year === year ? NONE : markup`${drawText("share", middle, BASE_PX + 32, year)}\n`}`;
  });
  const base = markup`<line class="base" x1="0" x2="100%" y1="${BASE_PX}" y2="${BASE_PX}"/>
`;
  const description = "Stacked columns; the numbers are in the table below.";
  return drawImage(name, title, description, BASE_PX + FOOT_PX, [...drawn, base]);
}

const drawText = (kind: string, x: number, y: number, text: string): Markup =>
  markup`<text class="${kind}" x="${x}%" y="${round(y)}" text-anchor="middle">${text}</text>`;

/** Draw the coloured square of a series in a legend. */
export const drawKey = (kind: string): Markup =>
  markup`<svg width="11" height="11" aria-hidden="true"><rect class="${kind}" width="11" height="11" rx="2"/></svg>`;

function drawImage(
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

const round = (value: number): number => Math.round(value * 100) / 100;

/** The share in percent, but never so little that the bar is invisible. */
const toWidth = (count: number, total: number): number =>
  Math.max(round(Math.min(count / Math.max(total, 1), 1) * 100), 0.5);

const formatCompact = (count: number): string =>
  count < 1000
    ? formatNumber(count)
    : new Intl.NumberFormat("en", { notation: "compact" }).format(count);
